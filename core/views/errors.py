"""Error pages that say what to do."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults

from core.api.errors import envelope
from core.errors import NotAllowed
from core.http.refusals import in_place

_API = "/api/"


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is missing or old: usually a page kept open across a sign-in."""
    if request.headers.get("HX-Request"):
        return in_place(request, NotAllowed(_("This form has expired. Reload the page and send it again.")))
    return render(request, "core/csrf.html", {"reason": reason}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Nothing stands at this address. A program gets the API's shape."""
    if request.path.startswith(_API):
        return JsonResponse(envelope("not_found", "There is nothing at this address."), status=404)
    return defaults.page_not_found(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Not this person's. A program gets the API's shape, a part of a page a notice instead of a page within it."""
    if request.path.startswith(_API):
        return JsonResponse(envelope("not_allowed", "Your role does not reach this."), status=403)
    if request.headers.get("HX-Request"):
        return in_place(request, NotAllowed(_("This is not yours to open: your role does not reach it.")))
    return defaults.permission_denied(request, exception)


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
