"""The page that says of each promise of an incident why it is due when it is; corrections of breaches."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.actor import actor_of
from accounts.rules import is_lead
from core.errors import NotAllowed, Refused
from core.http.now import request_now
from core.ui.words import zone_letters, zone_offset
from incidents import rules
from incidents.domain import correcting
from incidents.forms import CorrectForm
from incidents.models import ClockCorrection, Incident
from incidents.queries.explain import explained
from incidents.queries.timeline import deciding
from incidents.queries.visible import entries_visible_to
from incidents.views.shared import incident_or_404, reads_inside, zone_of


@require_GET
def promises(request: HttpRequest, ref: str) -> HttpResponse:
    """Each promise with its stretches, its pauses, its strip, and what on the timeline decided it."""
    return render(request, "incidents/promises.html", _context(request, incident_or_404(request, ref)))


@require_POST
def correct(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """Ask that a broken promise counts otherwise."""
    incident = _worked(request, ref)
    form = CorrectForm(request.POST)
    if not form.is_valid():
        return _again(request, incident, correct_form=form, status=400)
    try:
        correcting.ask(incident, pk, actor=actor_of(request), now=request_now(request), **form.cleaned_data)
    except Refused as refusal:
        return _again(request, incident, refusal=refusal, status=refusal.status)
    return redirect(reverse("incidents:promises", args=[incident.ref]))


@require_POST
def decide(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """Agree to a correction, or refuse it."""
    incident = _worked(request, ref)
    found = get_object_or_404(ClockCorrection, pk=pk, clock__incident=incident)
    agree = bool(request.POST.get("agree"))
    words = request.POST.get("words", "")[: correcting.MAX_WORDS]
    try:
        correcting.decide(found, actor=actor_of(request), now=request_now(request), agree=agree, words=words)
    except Refused as refusal:
        return _again(request, incident, refusal=refusal, status=refusal.status)
    return redirect(reverse("incidents:promises", args=[incident.ref]))


def _worked(request: HttpRequest, ref: str) -> Incident:
    incident = incident_or_404(request, ref)
    if not rules.can_work(request.user):
        raise NotAllowed(_("Your role may not do this."))
    return incident


def _again(request: HttpRequest, incident: Incident, *, status: int, **more: Any) -> HttpResponse:
    return render(request, "incidents/promises.html", {**_context(request, incident), **more}, status=status)


def _context(request: HttpRequest, incident: Incident) -> dict[str, Any]:
    now, zone = request_now(request), zone_of(request)
    inside = reads_inside(request, incident)
    return {
        "incident": incident,
        "told": explained(incident, now, zone, inside=inside),
        "entries": deciding(entries_visible_to(request.user, incident)),
        "zone_words": f"{zone_letters(zone, now)}, {zone_offset(zone, now)}",
        "now": now,
        "inside": inside,
        "can_work": rules.can_work(request.user),
        "can_decide": is_lead(request.user),
        "correct_form": CorrectForm(),
    }
