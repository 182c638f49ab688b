"""The instant of a request: read once, so that a page agrees with itself."""

from datetime import datetime

from django.http import HttpRequest

from core import clock


def request_now(request: HttpRequest) -> datetime:
    """The database's time when the reader's account was read, else at the first asking within this request."""
    moment: datetime | None = getattr(request, "_mainstay_now", None)
    if moment is None:
        reader = getattr(request, "_cached_user", None)  # by Django's own hand: never asks for it here
        moment = getattr(reader, "read_at", None) or clock.now()
        request._mainstay_now = moment  # type: ignore[attr-defined]
    return moment
