"""The operations room: what is open, what is due, how each service is. Everything starts from what the reader may see."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.rules import is_support
from core.ui.slabar import sla_bar
from core.ui.words import duration
from incidents.choices import OPEN_STATES, ClockState, Party, State
from incidents.models import Clock, Incident
from incidents.queries.visible import incidents_visible_to
from reporting import links
from reporting.types import Figures, Promise, Tile
from rotas.choices import CallOutcome
from rotas.models import Call
from services.choices import Lifecycle, PromiseKind, Severity
from services.models import Service
from services.queries.visible import services_visible_to

SOON = timedelta(hours=1)
DAY = timedelta(days=1)
TILE_DAYS = 30
_CALLED = [CallOutcome.CALLED, CallOutcome.FALLBACK]
_WORDS = {
    "SEV1": ("bad", gettext_lazy("Broken")),
    "SEV2": ("watch", gettext_lazy("Degraded")),
    "SEV3": ("watch", gettext_lazy("Watch")),
    "SEV4": ("ok", gettext_lazy("Well")),
}


def figures(user: Any, now: datetime) -> Figures:
    """Open incidents counted. Two queries for support, one for everybody else."""
    severities = {severity.value: Count("pk", filter=Q(severity=severity)) for severity in Severity}
    found = _open(user).aggregate(
        **severities,
        unacknowledged=Count("pk", filter=Q(state=State.NEW)),
        due_soon=Count("pk", filter=Q(next_due_at__lte=now + SOON)),
    )
    unacknowledged, due_soon = found.pop("unacknowledged"), found.pop("due_soon")
    if not is_support(user):
        return Figures(found, unacknowledged, due_soon)
    paged = Call.objects.filter(at__gt=now - 2 * DAY, at__lte=now, outcome__in=_CALLED).aggregate(
        today=Count("pk", filter=Q(at__gt=now - DAY)), all=Count("pk")
    )
    return Figures(found, unacknowledged, due_soon, paged["today"], paged["all"] - paged["today"])


def open_incidents(user: Any, limit: int = 10) -> list[Incident]:
    """The worst open incidents, older first within a severity. One query."""
    worst = (
        _open(user).select_related("service__client", "owner__site").order_by("severity", "opened_at", "pk")
    )
    return list(worst[:limit])


def promises(user: Any, now: datetime, zone: str, limit: int = 9) -> list[Promise]:
    """Promises that count, by due time; paused ones after them. One query."""
    clocks = (
        Clock.objects.filter(state__in=[ClockState.RUNNING, ClockState.PAUSED], incident__in=_open(user))
        .select_related("incident")
        .order_by("-state", "due_at", "pk")
    )
    return [_promise(clock, now, zone) for clock in clocks[:limit]]


def tiles(user: Any, now: datetime) -> list[Tile]:
    """Services, the worst first. One query: its worst open incident and its last month come along."""
    mine = Incident.objects.filter(service=OuterRef("pk"))
    worst = mine.filter(state__in=OPEN_STATES).order_by("severity", "opened_at", "pk")
    # By key: DISTINCT of what an outsider sees can't compare the JSON column beside it.
    found = (
        Service.objects.filter(pk__in=services_visible_to(user).order_by().values("pk"))
        .exclude(lifecycle=Lifecycle.RETIRED)
        .annotate(
            worst=Subquery(
                worst.values(row=JSONObject(severity="severity", title="title", state="state"))[:1]
            ),
            opened=ArraySubquery(
                mine.filter(opened_at__gt=now - TILE_DAYS * DAY, opened_at__lte=now).values("opened_at")
            ),
        )
        .values("slug", "tier", "worst", "opened")
    )
    ranked = sorted(
        found,
        key=lambda row: (row["worst"]["severity"] if row["worst"] else "SEV9", row["tier"], row["slug"]),
    )
    return [_tile(row, now) for row in ranked]


def _open(user: Any) -> Any:
    return incidents_visible_to(user).filter(state__in=OPEN_STATES)


def _promise(clock: Clock, now: datetime, zone: str) -> Promise:
    incident = clock.incident
    paused = clock.state == ClockState.PAUSED
    waits = Party(incident.hold_party).label if paused and incident.hold_party else ""
    pauses = [
        (datetime.fromisoformat(start), datetime.fromisoformat(end) if end else None)
        for start, end in clock.pauses
    ]
    bar = sla_bar(
        clock.started_at,
        clock.due_at,
        now,
        pauses=pauses,
        warn_at=clock.warn_at,
        name=str(PromiseKind(clock.kind).label),
        remaining=timedelta(seconds=clock.left_seconds)
        if paused and clock.left_seconds is not None
        else None,
        zone=zone,
    )
    subject = (
        _("%(ref)s · waits for %(party)s") % {"ref": incident.ref, "party": waits} if waits else incident.ref
    )
    return Promise(incident.ref, links.incident(incident.ref), subject, bar)


def _tile(row: Mapping[str, Any], now: datetime) -> Tile:
    days = Counter((now - at).days for at in row["opened"])
    per_day = tuple(days[back] for back in range(TILE_DAYS - 1, -1, -1))
    worst = row["worst"]
    if worst:
        tone, word = _WORDS[worst["severity"]]
        if worst["state"] == State.MITIGATED:
            tone, word = "watch", gettext_lazy("Mitigated")
        return Tile(row["slug"], tone, str(word), worst["title"], links.service(row["slug"]), per_day)
    last = max(row["opened"], default=None)
    calm = (
        _("quiet for %(time)s") % {"time": duration((now - last).total_seconds())}
        if last
        else _("quiet for %(days)d days") % {"days": TILE_DAYS}
    )
    return Tile(row["slug"], "ok", _("Well"), calm, links.service(row["slug"]), per_day)
