"""Incidents on the pages of other rooms, loaded by name."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from core.http.now import request_now
from incidents.queries.lists import NEWEST_FIRST
from incidents.queries.visible import incidents_visible_to
from monitoring.queries.alerts import alerts_visible_to
from services.queries.visible import services_visible_to


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
