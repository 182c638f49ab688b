"""A request of somebody invented, for tests of the look that need no database."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.test import RequestFactory

from core.ui.samples import Person

NOW = datetime(2026, 11, 23, 16, 38, tzinfo=UTC)


class Reader(Person):
    """Somebody signed in, reading in Nairobi's time."""

    __slots__ = ()
    is_authenticated = True
    is_active = True
    zone = "Africa/Nairobi"

    def get_role_display(self) -> str:
        return "Lead"


def request_of(path: str = "/", *, user: Any = None, theme: str = "", now: datetime = NOW) -> HttpRequest:
    """A GET of `path` by `user` (default: Grace), whose instant is `now`."""
    request = RequestFactory().get(path)
    request.user = user or Reader("Grace Wanjiku", "GW", "nbo")
    request._mainstay_now = now  # type: ignore[attr-defined]
    if theme:
        request.COOKIES["theme"] = theme
    return request
