"""The instant of a request: read once, so that a page agrees with itself."""

from datetime import datetime

from django.http import HttpRequest

from core import clock


def request_now(request: HttpRequest) -> datetime:
    """The database's time at the first asking within this request."""
    moment: datetime | None = getattr(request, "_mainstay_now", None)
    if moment is None:
        moment = clock.now()
        request._mainstay_now = moment  # type: ignore[attr-defined]
    return moment
