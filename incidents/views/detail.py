"""The page of one incident, and its two regions that keep themselves fresh."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Self

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.rules import is_support
from core.http.now import request_now
from core.pagination import paginate
from core.ui.slabar import SlaBar
from core.ui.words import zone_letters, zone_offset
from incidents import rules
from incidents.choices import EntryKind
from incidents.domain import states
from incidents.models import Incident
from incidents.queries import detail as queries
from incidents.queries import timeline, whose
from incidents.queries.visible import entries_visible_to
from incidents.templatetags.incident_parts import VerbButton
from incidents.views.dialogs import DIALOGS, dialogs_for, shells
from incidents.views.shared import incident_or_404, marked_or_404, reads_inside, zone_of
from monitoring.models import Alert
from monitoring.queries.storms import storms_of

ALERTS = 20  # the newest of an incident's alerts that its page lists
KEYS = {
    "acknowledge": "a",
    "assign": "s",
    "investigate": "i",
    "hold": "h",
    "resume": "h",
    "mitigate": "m",
    "resolve": "r",
    "escalate": "e",
    "hand_off": "p",
}
RARE = frozenset({"cancel", "assign", "hand_off", "impact"})  # these stand apart, quietly


@dataclass(frozen=True, slots=True)
class Sheet:
    """What head, timeline and rail have in common, worked out once for an answer.

    `zone` is the reader's (IANA); `inside`: they read internal lines; `answers`: a hand-off waits for them;
    `owes`: something promised for after the end is still to be delivered.
    """

    incident: Incident
    now: datetime
    zone: str
    inside: bool
    can_work: bool
    answers: bool
    bars: list[SlaBar]
    owes: bool
    verbs: list[VerbButton]

    @classmethod
    def of(cls, request: HttpRequest, incident: Incident) -> Self:
        now, zone = request_now(request), zone_of(request)
        inside, clocks = reads_inside(request, incident), queries.clocks(incident)
        return cls(
            incident,
            now,
            zone,
            inside,
            rules.can_work(request.user),
            whose.answers(request.user, incident),
            queries.bars(clocks, now, zone, inside=inside),
            queries.owes(clocks),
            verbs_of(request, incident),
        )


@require_GET
def detail(request: HttpRequest, ref: str) -> HttpResponse:
    """Timeline, composer, rail."""
    incident = incident_or_404(request, ref)
    return render(request, "incidents/incident.html", whole(request, incident))


def whole(request: HttpRequest, incident: Incident) -> dict[str, Any]:
    """Context of everything on the page."""
    sheet = Sheet.of(request, incident)
    return {**spine(request, sheet), **rail(request, sheet), **writing(request, sheet)}


@require_GET
def spine_fragment(request: HttpRequest, ref: str) -> HttpResponse:
    """Head and timeline; 304 when nothing changed."""
    return _live(request, ref, "incidents/_spine.html", spine)


@require_GET
def rail_fragment(request: HttpRequest, ref: str) -> HttpResponse:
    """State, promises and the rest; 304 when nothing changed."""
    return _live(request, ref, "incidents/_rail.html", rail)


def _live(request: HttpRequest, ref: str, template: str, context: Any) -> HttpResponse:
    """The bars move with time, so an open incident's region is a new one each minute. Most who ask have it already: whether
    they have is told by two small queries."""
    known = marked_or_404(request, ref)
    minute = f"-{request_now(request):%H%M}" if known.is_open else ""
    asked = "".join(letter for letter in request.GET.urlencode() if letter.isalnum())[:200]
    tag = f'W/"{queries.mark(request.user, known)}{minute}-{asked}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    incident = incident_or_404(request, ref)
    response = render(request, template, context(request, Sheet.of(request, incident)))
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


def spine(request: HttpRequest, sheet: Sheet) -> dict[str, Any]:
    """Context of head and timeline."""
    incident, now, zone, inside = sheet.incident, sheet.now, sheet.zone, sheet.inside
    show = request.GET.get("show", "everything")
    show = show if show in timeline.SHOWS and inside else "everything"
    page = paginate(
        timeline.shown(entries_visible_to(request.user, incident), show),
        timeline.NEWEST_FIRST,
        cursor=request.GET.get("cursor", ""),
        size=timeline.SHOWN,
        query=request.META.get("QUERY_STRING", ""),
        newest=partial(queries.newest_lines, incident.pk, everything=inside, show=show),
    )
    entries = page.items[::-1]
    return {
        "incident": incident,
        "now": now,
        "lines": timeline.lines(entries, now, zone, inside=inside),
        "page": page,
        "cursor": request.GET.get("cursor", ""),
        "show": show,
        "shows": [("everything", _("Everything")), ("people", _("People")), ("client", _("Client"))],
        "inside": inside,
        "zone": zone,
        "bars": sheet.bars,
        "strip": [bar for bar in sheet.bars if bar.due or bar.tone == "paused"][:2],
        "zone_words": f"{zone_letters(zone, now)}, {zone_offset(zone, now)}",
        "has_notes": any(entry.kind == EntryKind.NOTE for entry in entries),
        "verbs": sheet.verbs,
        "can_work": sheet.can_work,
    }


def rail(request: HttpRequest, sheet: Sheet) -> dict[str, Any]:
    """Context of the rail. Outsiders get state, promises, service and what is theirs to see."""
    incident, now, inside = sheet.incident, sheet.now, sheet.inside
    alerts = queries.alerts(request.user, incident, ALERTS)
    followed = queries.following(incident) if inside else []
    return {
        "incident": incident,
        "now": now,
        "inside": inside,
        "can_work": sheet.can_work,
        "verbs": sheet.verbs,
        "bars": sheet.bars,
        "owes": sheet.owes,
        "alerts": alerts,
        "alerts_count": _alerts_count(request, incident, alerts),
        "storms": storms_of([incident.pk]) if inside and getattr(incident, "had_storm", False) else [],
        "followed": followed,
        "suggested": queries.suggested(incident, alerts, followed) if sheet.can_work else [],
        "participants": queries.people(incident) if inside else [],
        "holder": whose.holder(incident),
        "handed": whose.handed(incident) if inside or sheet.answers else None,
        "answers": sheet.answers,
        "spent": whose.time_by_party(incident, now) if inside else [],
        "impacts": queries.impacts(incident),
        "similar": queries.similar(request.user, incident, now),
        "reads_told": is_support(request.user),
    }


def _alerts_count(request: HttpRequest, incident: Incident, listed: list[Alert]) -> int:
    """How many alerts of it this reader may see. Where more than those listed belong to it, support sees all."""
    if len(listed) < ALERTS:
        return len(listed)
    if is_support(request.user):
        return incident.alerts_count  # type: ignore[attr-defined]
    return queries.linked_alerts(request.user, incident.pk).count()


def writing(request: HttpRequest, sheet: Sheet) -> dict[str, Any]:
    """Context of the composer, and the dialogs that may be opened."""
    return {
        "dialogs": shells(sheet.incident.ref, dialogs_for(request.user, answers=sheet.answers)),
        "can_write": rules.can_write(request.user),
        "can_work": sheet.can_work,
    }


def verbs_of(request: HttpRequest, incident: Incident) -> list[VerbButton]:
    """Legal verbs this person may use, the likely next one first."""
    return [
        VerbButton(name, states.VERBS[name].label, KEYS.get(name, ""), name in DIALOGS, name in RARE)
        for name in _possible(incident)
        if name not in rules.OUTSIDE_VERBS and rules.may(request.user, name) and name != "deliver"
    ]


def _possible(incident: Incident) -> list[str]:
    """What the state allows; first comes taking it where nobody has (put on hold before), and stopping a call
    that runs again (escalated, reopened)."""
    names = states.legal(incident.state)
    if not incident.is_open or "acknowledge" in names:
        return names
    # calls_now, like had_storm above, is a column that incident_or_404 adds
    wanted = incident.acknowledged_at is None or getattr(incident, "calls_now", False)
    return ["acknowledge", *names] if wanted else names
