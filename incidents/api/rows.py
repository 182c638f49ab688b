"""Incidents of a list as programs read them: values and no models, said as `IncidentSerializer` says one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, F, QuerySet, TextField, Value, When
from django.db.models.functions import Cast

from core.api.plain import said as written
from core.compiled import Keys, compiled
from core.http.now import request_now
from incidents.api.serializers import (
    NEIGHBOURS,
    ClockSerializer,
    IncidentSerializer,
    reads_inside,
    unsaid,
    url_of,
)
from incidents.choices import ClockState
from incidents.domain.stamping import terms_read
from incidents.models import Clock, Incident
from incidents.queries.detail import alerts_of_row
from services.choices import AgreementKind
from services.domain import promise

# In the serializers' order, without what is put together here.
_NAMES = [name for name in IncidentSerializer.Meta.fields if name not in {"ref", "clocks", "alerts", "url"}]
_CLOCK_NAMES = ClockSerializer.Meta.fields
_OPENED, _BASIS, _STATE, _LEFT = (
    _NAMES.index("opened_at"),
    *(_CLOCK_NAMES.index(name) for name in ("basis", "state", "left_seconds")),
)


@dataclass(frozen=True, slots=True)
class Promised:
    """A clock: what is written of it in the serializer's order, and what else it takes to count what is left of a running one."""

    values: tuple[Any, ...]
    started_at: datetime
    target_seconds: int
    warn_percent: int
    hours: str
    pauses: str
    legs: str

    @property
    def is_to_client(self) -> bool:
        return bool(self.values[_BASIS] == AgreementKind.SLA)

    def left(self, now: datetime) -> int | None:
        """Business seconds left, negative when late; None once it ended."""
        state = self.values[_STATE]
        if state == ClockState.RUNNING:
            terms = terms_read(
                hours=self.hours,
                start=self.started_at,
                target=self.target_seconds,
                warn_percent=self.warn_percent,
                pauses=self.pauses,
                legs=self.legs,
                now=now,
            )
            return promise.left(terms, now)
        stored: int | None = self.values[_LEFT]
        return stored if state == ClockState.PAUSED else None


@dataclass(frozen=True, slots=True)
class Row:
    """An incident: what is written of it in the serializer's order, its clocks, the soonest due first."""

    pk: int
    service_id: int
    reporter_id: int | None
    alerts: int
    values: tuple[Any, ...]
    promises: list[Promised]

    @property
    def opened_at(self) -> datetime:
        moment: datetime = self.values[_OPENED]
        return moment


def read(incidents: QuerySet[Incident]) -> list[Row]:
    """The rows in their order. Two queries."""
    paths = [NEIGHBOURS.get(name, name) for name in _NAMES]
    columns = incidents.annotate(alerts_count=alerts_of_row()).values_list(
        "pk", "service_id", "reporter_id", "alerts_count", *paths
    )
    found = list(columns)
    promises = _promises([each[0] for each in found])
    return [Row(*each[:4], each[4:], promises.get(each[0], [])) for each in found]


def said(rows: Iterable[Row], context: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows as this reader reads them. `context` is the serializers'."""
    base, now = url_of(0, context).removesuffix("INC-0/"), request_now(context["request"]._request)
    return [_said(row, context, base, now) for row in rows]


def _said(row: Row, context: dict[str, Any], base: str, now: datetime) -> dict[str, Any]:
    ref = f"INC-{row.pk}"
    told = {"ref": ref} | {name: written(value) for name, value in zip(_NAMES, row.values, strict=True)}
    inside = reads_inside(context, row.service_id)
    told["clocks"] = [_clock(each, now) for each in row.promises if inside or each.is_to_client]
    told["alerts"], told["url"] = row.alerts, f"{base}{ref}/"
    return unsaid(told, row, context)


def _clock(clock: Promised, now: datetime) -> dict[str, Any]:
    told = {name: written(value) for name, value in zip(_CLOCK_NAMES, clock.values, strict=True)}
    told["left_seconds"] = clock.left(now)
    return told


def _promises(incidents: list[int]) -> dict[int, list[Promised]]:
    found: dict[int, list[Promised]] = {}
    for incident, start, target, percent, hours, pauses, legs, *values in _clocks(incidents):
        clock = Promised(tuple(values), start, target, percent, hours, pauses, legs)
        found.setdefault(incident, []).append(clock)
    return found


@compiled
def _clocks(incidents: Keys) -> QuerySet[Clock, Any]:
    """Of these incidents, the soonest due first. JSON as text, and only where it is needed."""
    return (
        Clock.objects.filter(incident__in=incidents)
        .order_by("due_at", "pk")
        .values_list(
            "incident_id", F("started_at"), F("target_seconds"), "warn_percent",
            _counting("hours"), _counting("pauses"), _counting("legs"), *_CLOCK_NAMES,
        )
    )  # fmt: skip


def _counting(column: str) -> Case:
    return Case(
        When(state=ClockState.RUNNING, then=Cast(column, TextField())),
        default=Value(""),
        output_field=TextField(),
    )
