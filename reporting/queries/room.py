"""The operations room: what is open, what is due, how each service is. Everything starts from what the reader may see."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    Count,
    F,
    Func,
    IntegerField,
    Max,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.rules import is_support
from core.compiled import Given, Reader, compiled
from core.ui.slabar import sla_bar
from core.ui.words import duration
from incidents.choices import OPEN_STATES, ClockState, State
from incidents.domain.told import name_of
from incidents.models import Clock, Incident
from incidents.queries.counts import Counts
from incidents.queries.visible import incidents_visible_to
from reporting import links
from reporting.types import Figures, Promise, Tile
from rotas.choices import CallOutcome
from rotas.models import Call
from services.choices import AgreementKind, Lifecycle, Party
from services.models import Service
from services.queries.visible import services_visible_to

DAY = timedelta(days=1)
TILE_DAYS = 30
_CALLED = [CallOutcome.CALLED, CallOutcome.FALLBACK]
# One day of a service: how many days back, how many were opened, when the last was (seconds since 1970). An array, as reading
# three hundred objects of JSON took longer than all else.
_DAY = Func(
    F("back"), Count("pk"), Func(Max("opened_at"), template="FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::bigint"),
    template="ARRAY[%(expressions)s]", output_field=ArrayField(BigIntegerField()),
)  # fmt: skip
_WORDS = {
    "SEV1": ("bad", gettext_lazy("Broken")),
    "SEV2": ("watch", gettext_lazy("Degraded")),
    "SEV3": ("watch", gettext_lazy("Watch")),
    "SEV4": ("ok", gettext_lazy("Well")),
}


def figures(known: Counts, paged: tuple[int, int] | None) -> Figures:
    """Open incidents counted; `paged` are the calls of this day and of the day before, None for outsiders."""
    today, before = paged or (None, None)
    return Figures(known.by_severity, known.new, known.due, today, before)


def calls(since: datetime, until: datetime) -> QuerySet[Call]:
    """Calls within (since, until], to be counted."""
    return Call.objects.filter(at__gt=since, at__lte=until, outcome__in=_CALLED)


def open_incidents(user: Any, limit: int = 10) -> list[Incident]:
    """The worst open incidents, older first within a severity. One query."""
    return _worst(user, limit=limit)


@compiled
def _worst(reader: Reader, *, limit: int) -> QuerySet[Incident]:
    worst = (
        _open(reader)
        .select_related("service__client", "owner__site")
        .only(
            *("title", "state", "severity", "opened_at", "hold_party"),
            *(
                "service__slug",
                "service__client__name",
                "owner__name",
                "owner__site__hue",
                "owner__site__name",
            ),
        )
        .order_by("severity", "opened_at", "pk")
    )
    return worst[:limit]


def promises(user: Any, now: datetime, zone: str, limit: int = 9) -> list[Promise]:
    """Promises that count, by due time; paused ones after them. Those to clients for outsiders. One query."""
    return [_promise(clock, now, zone) for clock in _soonest(user, limit=limit)]


@compiled
def _soonest(reader: Reader, *, limit: int) -> QuerySet[Clock]:
    theirs = {} if is_support(reader) else {"basis": AgreementKind.SLA}
    clocks = (
        Clock.objects.filter(
            state__in=[ClockState.RUNNING, ClockState.PAUSED], incident__in=_open(reader), **theirs
        )
        .select_related("incident")
        .only(
            *(
                "kind",
                "basis",
                "provider",
                "state",
                "started_at",
                "due_at",
                "warn_at",
                "pauses",
                "left_seconds",
            ),
            "incident__hold_party",
        )
        .order_by("-state", "due_at", "pk")
    )
    return clocks[:limit]


def tiles(user: Any, now: datetime) -> list[Tile]:
    """Services, the worst first. One query: its worst open incident and its last month come along."""
    ranked = sorted(
        _with_worst(user, now, now - TILE_DAYS * DAY),
        key=lambda row: (row["worst"]["severity"] if row["worst"] else "SEV9", row["tier"], row["slug"]),
    )
    return [_tile(row, now) for row in ranked]


@compiled
def _with_worst(reader: Reader, now: datetime, since: datetime) -> QuerySet[Any, Any]:
    mine = Incident.objects.filter(service=OuterRef("pk"))
    worst = mine.filter(state__in=OPEN_STATES).order_by("severity", "opened_at", "pk")
    # By key: DISTINCT of what an outsider sees can't compare the JSON column beside it.
    return (
        Service.objects.filter(pk__in=services_visible_to(reader).order_by().values("pk"))
        .exclude(lifecycle=Lifecycle.RETIRED)
        .annotate(
            worst=Subquery(
                worst.values(row=JSONObject(severity="severity", title="title", state="state"))[:1]
            ),
            days=ArraySubquery(
                mine.filter(opened_at__gt=since, opened_at__lte=now)
                .order_by()
                .annotate(back=_days_back(now))
                .values("back")
                .annotate(day=_DAY)
                .values("day")
            ),
        )
        .values("slug", "tier", "worst", "days")
    )


def _days_back(now: datetime) -> Func:
    """How many whole days before `now` it was opened."""
    return Func(
        _instant(now) - F("opened_at"), template="FLOOR(EXTRACT(EPOCH FROM %(expressions)s) / 86400)::int",
        output_field=IntegerField(),
    )  # fmt: skip


def _instant(at: Any) -> Any:
    return at if isinstance(at, Given) else Value(at)


def _open(reader: Any) -> QuerySet[Incident]:
    return incidents_visible_to(reader).filter(state__in=OPEN_STATES)


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
        name=name_of(clock),
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
    days = {back: (n, last) for back, n, last in row["days"]}
    per_day = tuple(days[back][0] if back in days else 0 for back in range(TILE_DAYS - 1, -1, -1))
    worst = row["worst"]
    if worst:
        tone, word = _WORDS[worst["severity"]]
        if worst["state"] == State.MITIGATED:
            tone, word = "watch", gettext_lazy("Mitigated")
        return Tile(row["slug"], tone, str(word), worst["title"], links.service(row["slug"]), per_day)
    calm = (
        _("quiet for %(time)s") % {"time": duration(now.timestamp() - days[min(days)][1])}
        if days
        else _("quiet for %(days)d days") % {"days": TILE_DAYS}
    )
    return Tile(row["slug"], "ok", _("Well"), calm, links.service(row["slug"]), per_day)
