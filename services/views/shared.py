"""What several pages of the catalogue ask of a request."""

from django.http import HttpRequest


def zone_of(request: HttpRequest) -> str:
    """The IANA zone in which the reader reads times."""
    return str(getattr(request.user, "zone", "") or "UTC")
