"""Error pages that say what to do."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import defaults

from core.api.errors import envelope

_API = "/api/"


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is missing or old: usually a page kept open across a sign-in."""
    return render(request, "core/csrf.html", {"reason": reason}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Nothing stands at this address. A program gets the API's shape."""
    if request.path.startswith(_API):
        return JsonResponse(envelope("not_found", "There is nothing at this address."), status=404)
    return defaults.page_not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """We failed, and said so in the log. A program gets the API's shape."""
    if request.path.startswith(_API):
        return JsonResponse(envelope("failed", "Mainstay failed on this. Try again later."), status=500)
    return defaults.server_error(request)


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The request itself can't be used (a host that is not ours, too many fields). A program gets the API's shape."""
    if request.path.startswith(_API):
        return JsonResponse(envelope("invalid", "This request can't be read."), status=400)
    return defaults.bad_request(request, exception)
