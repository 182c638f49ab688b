"""The page of engines, for leads: do they run, how late are they, what does not get on."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.actor import actor_of
from accounts.views.guard import requires
from core.http.now import request_now
from reporting.domain.ringing import ring
from reporting.queries.engines import engines
from reporting.rules import can_see_engines


@require_GET
@requires(can_see_engines)
def engines_page(request: HttpRequest) -> HttpResponse:
    """A row an engine; the answer to a poll is the region alone."""
    now = request_now(request)
    found = engines(now)
    context = {"now": now, "found": found, "fresh": bool(found.late)}
    fragment = request.headers.get("X-Live")
    return render(request, "reporting/_engines.html" if fragment else "reporting/engines.html", context)


@require_POST
@requires(can_see_engines)
def ring_now(request: HttpRequest) -> HttpResponse:
    """Wake every engine at once."""
    ring(actor=actor_of(request), now=request_now(request))
    if settings.MAINSTAY_NUDGES:
        messages.success(request, _("Every engine has been rung. Those that live tick within a second."))
    else:
        messages.warning(request, _("Ringing is switched off (MAINSTAY_NUDGES). They tick once a second."))
    return redirect("reporting:engines")
