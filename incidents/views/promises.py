"""The page that says of each promise of an incident why it is due when it is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.http.now import request_now
from core.ui.words import zone_letters, zone_offset
from incidents.queries.explain import explained
from incidents.queries.timeline import deciding
from incidents.queries.visible import entries_visible_to
from incidents.views.shared import incident_or_404, reads_inside, zone_of


@require_GET
def promises(request: HttpRequest, ref: str) -> HttpResponse:
    """Each promise with its stretches, its pauses, its strip, and what on the timeline decided it."""
    incident = incident_or_404(request, ref)
    now, zone = request_now(request), zone_of(request)
    inside = reads_inside(request, incident)
    context = {
        "incident": incident,
        "told": explained(incident, now, zone, inside=inside),
        "entries": deciding(entries_visible_to(request.user, incident)),
        "zone_words": f"{zone_letters(zone, now)}, {zone_offset(zone, now)}",
        "now": now,
    }
    return render(request, "incidents/promises.html", context)
