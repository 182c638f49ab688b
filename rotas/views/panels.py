"""Panels that pages of other rooms show by name."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from core.http.now import request_now
from rotas import rules
from rotas.domain.feeds import living_feed
from rotas.queries.mine import AHEAD, shifts_of
from rotas.queries.now import site_shifts
from rotas.queries.shadows import shadows_of
from rotas.queries.whom import whom_it_calls
from services.queries.visible import services_visible_to


@require_GET
def panel_now(request: HttpRequest) -> HttpResponse:
    """The strip of the sites: who is on shift, who comes next."""
    if not rules.can_see_rotas(request.user):
        raise PermissionDenied
    return render(request, "rotas/_now.html", {"shifts": site_shifts(request_now(request))})


@require_GET
def for_service(request: HttpRequest, slug: str) -> HttpResponse:
    """Whom the worst incident of a service would call now, step by step."""
    if not rules.can_see_rotas(request.user):
        raise PermissionDenied
    service = get_object_or_404(services_visible_to(request.user), slug=slug)
    called = whom_it_calls(service, request_now(request))
    return render(request, "rotas/_for_service.html", {"service": service, "called": called})


@require_GET
def my_shifts(request: HttpRequest) -> HttpResponse:
    """The reader's next shifts, and their calendar address."""
    if not rules.can_see_rotas(request.user):
        raise PermissionDenied
    now = request_now(request)
    context = {
        "shifts": shifts_of(request.user, now),
        "shadows": [
            {"row": row, "is_now": row.starts_at <= now} for row in shadows_of(request.user, now, now + AHEAD)
        ],
        "feed": living_feed(request.user, None),
    }
    return render(request, "rotas/_my_shifts.html", context)
