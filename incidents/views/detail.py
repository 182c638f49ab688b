"""The page of one incident, and its two regions that keep themselves fresh."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.rules import is_support
from core.http.now import request_now
from core.pagination import paginate
from core.ui.slabar import SlaBar
from core.ui.words import zone_letters, zone_offset
from core.zones import to_local
from incidents import rules
from incidents.choices import EntryKind
from incidents.domain import states
from incidents.domain.impact import proposal
from incidents.forms import (
    AssignForm,
    BounceForm,
    CancelForm,
    DeliverForm,
    EscalateForm,
    HandOffForm,
    HoldForm,
    ImpactForm,
    LinkForm,
    ResolveForm,
)
from incidents.models import Incident
from incidents.queries import detail as queries
from incidents.queries import timeline, whose
from incidents.queries.visible import entries_visible_to
from incidents.views.shared import incident_or_404, reads_inside, zone_of
from monitoring.models import Alert
from monitoring.queries.alerts import alerts_visible_to
from monitoring.queries.storms import storms_of
from services.choices import Party
from services.queries.impact import of_incident

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
DIALOGS: dict[str, tuple[type, str]] = {
    "assign": (AssignForm, _("Give it to somebody")),
    "hold": (HoldForm, _("Hold")),
    "resolve": (ResolveForm, _("Resolve")),
    "cancel": (CancelForm, _("Cancel the incident")),
    "escalate": (EscalateForm, _("Call somebody now")),
    "impact": (ImpactForm, _("Say who it hurts")),
    "link": (LinkForm, _("Attach a link")),
    "deliver": (DeliverForm, _("Delivered")),
    "hand_off": (HandOffForm, _("Hand it on")),
    "bounce_hand_off": (BounceForm, _("Give it back")),
}


@require_GET
def detail(request: HttpRequest, ref: str) -> HttpResponse:
    """Timeline, composer, rail."""
    incident = incident_or_404(request, ref)
    return render(request, "incidents/incident.html", whole(request, incident))


def whole(request: HttpRequest, incident: Incident) -> dict[str, Any]:
    """Context of everything on the page; the promises are read once."""
    inside = reads_inside(request, incident)
    bars = queries.bars(incident, request_now(request), zone_of(request), inside=inside)
    return {
        **spine(request, incident, bars),
        **rail(request, incident, bars),
        **writing(request, incident),
    }


@require_GET
def spine_fragment(request: HttpRequest, ref: str) -> HttpResponse:
    """Head and timeline; 304 when nothing changed."""
    return _live(request, incident_or_404(request, ref), "incidents/_spine.html", spine)


@require_GET
def rail_fragment(request: HttpRequest, ref: str) -> HttpResponse:
    """State, promises and the rest; 304 when nothing changed."""
    return _live(request, incident_or_404(request, ref), "incidents/_rail.html", rail)


def _live(request: HttpRequest, incident: Incident, template: str, context: Any) -> HttpResponse:
    """The bars move with time, so an open incident's region is a new one each minute."""
    minute = f"-{request_now(request):%H%M}" if incident.is_open else ""
    asked = "".join(letter for letter in request.GET.urlencode() if letter.isalnum())[:200]
    tag = f'W/"{queries.mark(request.user, incident)}{minute}-{asked}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    response = render(request, template, context(request, incident))
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


def spine(request: HttpRequest, incident: Incident, bars: list[SlaBar] | None = None) -> dict[str, Any]:
    """Context of head and timeline."""
    now, zone = request_now(request), zone_of(request)
    inside = reads_inside(request, incident)
    show = request.GET.get("show", "everything")
    show = show if show in timeline.SHOWS and inside else "everything"
    page = paginate(
        timeline.shown(entries_visible_to(request.user, incident), show),
        timeline.NEWEST_FIRST,
        cursor=request.GET.get("cursor", ""),
        size=timeline.SHOWN,
        query=request.META.get("QUERY_STRING", ""),
    )
    entries = page.items[::-1]
    bars = queries.bars(incident, now, zone, inside=inside) if bars is None else bars
    return {
        "incident": incident,
        "now": now,
        "lines": timeline.lines(entries, now, zone, inside=inside),
        "page": page,
        "cursor": request.GET.get("cursor", ""),
        "show": show,
        "shows": [("everything", _("Everything")), ("people", _("People")), ("client", _("Client"))],
        "inside": inside,
        "bars": bars,
        "strip": [bar for bar in bars if bar.due or bar.tone == "paused"][:2],
        "zone_words": f"{zone_letters(zone, now)}, {zone_offset(zone, now)}",
        "has_notes": any(entry.kind == EntryKind.NOTE for entry in entries),
        "verbs": verbs_of(request, incident),
        "can_work": rules.can_work(request.user),
    }


def rail(request: HttpRequest, incident: Incident, bars: list[SlaBar] | None = None) -> dict[str, Any]:
    """Context of the rail. Outsiders get state, promises, service and what is theirs to see."""
    now, zone = request_now(request), zone_of(request)
    inside, works = reads_inside(request, incident), rules.can_work(request.user)
    linked = alerts_visible_to(request.user).filter(incident_links__incident=incident)
    alerts = list(linked.defer("body", "annotations").order_by("-last_seen_at", "-pk")[:ALERTS])
    followed = queries.following(incident) if inside else []
    return {
        "incident": incident,
        "now": now,
        "inside": inside,
        "can_work": works,
        "verbs": verbs_of(request, incident),
        "bars": queries.bars(incident, now, zone, inside=inside) if bars is None else bars,
        "alerts": alerts,
        "alerts_count": _alerts_count(request, incident, alerts, linked),
        "storms": storms_of([incident.pk]) if inside and getattr(incident, "had_storm", False) else [],
        "followed": followed,
        "suggested": queries.suggested(incident, alerts, followed) if works else [],
        "participants": queries.people(incident) if inside else [],
        "holder": whose.holder(incident),
        "handed": whose.handed(incident) if inside or whose.answers(request.user, incident) else None,
        "answers": whose.answers(request.user, incident),
        "spent": whose.time_by_party(incident, now) if inside else [],
        "impacts": of_incident(incident.pk),
        "similar": queries.similar(request.user, incident, now),
        "reads_told": is_support(request.user),
    }


def _alerts_count(
    request: HttpRequest, incident: Incident, listed: list[Alert], linked: QuerySet[Alert]
) -> int:
    """How many alerts of it this reader may see. Where more than those listed belong to it, support sees all."""
    if len(listed) < ALERTS:
        return len(listed)
    return incident.alerts_count if is_support(request.user) else linked.count()  # type: ignore[attr-defined]


def writing(request: HttpRequest, incident: Incident) -> dict[str, Any]:
    """Context of composer and dialogs."""
    dialogs = [
        {
            "verb": verb,
            "title": title,
            "form": form(auto_id=f"{verb}_%s", initial=_initial(request, verb, incident)),
        }
        for verb, (form, title) in DIALOGS.items()
        if rules.may(request.user, verb)
        and (verb not in rules.ANSWERS or whose.answers(request.user, incident))
    ]
    for dialog in dialogs:
        if dialog["verb"] == "assign":
            dialog["form"].ask_later(incident.owner, reverse("incidents:owners", args=[incident.ref]))
        if dialog["verb"] == "escalate":
            lists = [reverse(f"incidents:{name}", args=[incident.ref]) for name in ("steps_now", "callable")]
            dialog["form"].ask_later(*lists)
        if dialog["verb"] == "hand_off":
            dialog["form"].ask_later(reverse("incidents:asked_for", args=[incident.ref]))
    if not is_support(request.user):  # what outsiders say is always the client's to read
        for dialog in dialogs:
            dialog["form"].fields.pop("visibility", None)
    return {
        "incident": incident,
        "dialogs": dialogs,
        "can_write": rules.can_write(request.user),
        "can_work": rules.can_work(request.user),
    }


def _initial(request: HttpRequest, verb: str, incident: Incident) -> dict[str, Any]:
    if verb == "impact":
        zone, found = zone_of(request), proposal(incident, request_now(request))
        moments = {name: found[name] and to_local(found[name], zone) for name in ("starts_at", "ends_at")}
        return {**found, **moments}
    if verb == "assign":
        return {"owner": incident.owner_id}
    if verb == "hold" and incident.hold_party:
        return {"party": incident.hold_party, "reason": incident.hold_reason}
    if verb == "hand_off":
        return {"party": Party.L2 if incident.party == Party.L1 else Party.ENGINEERING}
    return {}


def verbs_of(request: HttpRequest, incident: Incident) -> list[dict[str, Any]]:
    """Legal verbs this person may use, the likely next one first."""
    return [
        {
            "name": name,
            "label": states.VERBS[name].label,
            "key": KEYS.get(name, ""),
            "dialog": name in DIALOGS,
            "rare": name in {"cancel", "assign", "hand_off", "impact"},
        }
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
