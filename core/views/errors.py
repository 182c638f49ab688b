"""Error pages that say what to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is missing or old: usually a page kept open across a sign-in."""
    return render(request, "core/csrf.html", {"reason": reason}, status=403)
