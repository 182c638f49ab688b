"""The actor of a request."""

from django.http import HttpRequest

from core.http.client import client_address
from core.types import Actor, person


def actor_of(request: HttpRequest) -> Actor:
    """Who is asking: the signed-in person, or the account behind an API token."""
    return person(
        request.user, address=client_address(request), by_token=bool(getattr(request, "auth", None))
    )
