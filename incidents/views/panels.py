"""Incidents on the pages of other rooms, loaded by name."""

from datetime import UTC, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from core.http.now import request_now
from incidents.queries.lists import NEWEST_FIRST
from incidents.queries.promises import reached
from incidents.queries.visible import incidents_visible_to
from monitoring.queries.alerts import alerts_visible_to
from services.models import Agreement
from services.queries.visible import services_visible_to
from services.rules import can_read_terms


@require_GET
def for_service(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest incidents of a service."""
    service = get_object_or_404(services_visible_to(request.user), slug=slug)
    found = incidents_visible_to(request.user).filter(service=service).select_related("owner__site")
    context = {
        "service": service,
        "incidents": found.defer("search", "summary").order_by(*NEWEST_FIRST)[:10],
        "now": request_now(request),
    }
    return render(request, "incidents/_for_service.html", context)


@require_GET
def for_alert(request: HttpRequest, pk: int) -> HttpResponse:
    """The incidents an alert belongs to, newest first."""
    alert = get_object_or_404(alerts_visible_to(request.user), pk=pk)
    found = incidents_visible_to(request.user).filter(alert_links__alert=alert)
    context = {
        "incidents": found.defer("search", "summary").order_by(*NEWEST_FIRST)[:10],
        "now": request_now(request),
    }
    return render(request, "incidents/_for_alert.html", context)


@require_GET
def kept(request: HttpRequest, slug: str) -> HttpResponse:
    """How an agreement was kept this month and the one before, beside its goals; for whoever reads terms."""
    if not can_read_terms(request.user):
        raise Http404
    agreement = get_object_or_404(Agreement, slug=slug)
    now = request_now(request)
    this = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    last = (this - timedelta(days=1)).replace(day=1)
    months = [(this, reached(agreement, this, now)), (last, reached(agreement, last, this))]
    return render(request, "incidents/_kept.html", {"months": months})
