"""Tokens and their owners."""

from typing import Any

from django.db.models import QuerySet

from accounts.models import ApiToken
from accounts.rules import is_member

NEWEST_FIRST = ("-created_at", "-pk")


def tokens_of(user: Any) -> QuerySet[ApiToken]:
    """A person's own tokens that were not revoked; expired ones too, so that they can be cleared away."""
    if not is_member(user):
        return ApiToken.objects.none()
    return ApiToken.objects.filter(user=user, revoked_at=None).select_related("user")
