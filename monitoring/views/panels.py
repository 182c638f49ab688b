"""Panels that pages of other rooms load by URL name."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from monitoring.queries.alerts import NEWEST_FIRST, alerts_visible_to
from services.queries.visible import services_visible_to

SHOWN = 8


@require_GET
def for_service(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest alerts of a service, for its page."""
    service = get_object_or_404(services_visible_to(request.user), slug=slug)
    found = alerts_visible_to(request.user).filter(service=service).defer("body", "annotations")
    context = {"service": service, "alerts": found.order_by(*NEWEST_FIRST)[:SHOWN]}
    return render(request, "monitoring/_for_service.html", context)
