"""Who reads a page that is about people on call."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.models import User
from rotas import rules


def on_call_reader(request: HttpRequest) -> User:
    """The signed-in person, who can be on call. Raises PermissionDenied for anybody else."""
    user = request.user
    if not isinstance(user, User) or not rules.can_be_on_call(user):
        raise PermissionDenied
    return user
