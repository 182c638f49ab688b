"""Incidents of a list as programs read them: values and no models, said as `IncidentSerializer` says one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, QuerySet, TextField, Value, When
from django.db.models.functions import Cast

from core.api.plain import said as written
from core.compiled import Keys, compiled
from core.http.now import request_now
from incidents.api.clock_serializers import ClockSerializer
from incidents.api.serializers import (
    NEIGHBOURS,
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


@dataclass(frozen=True, slots=True)
class Promised:
    """A clock: what is written of it by name, and what else it takes to count what is left of a running one."""

    values: dict[str, Any]
    warn_percent: int
    hours: str
    pauses: str
    legs: str

    @property
    def is_to_client(self) -> bool:
        return bool(self.values["basis"] == AgreementKind.SLA)

    def left(self, now: datetime) -> int | None:
        """Business seconds left, negative when late; None once it ended."""
        state = self.values["state"]
        if state == ClockState.RUNNING:
            terms = terms_read(
                hours=self.hours,
                start=self.values["started_at"],
                target=self.values["target_seconds"],
                warn_percent=self.warn_percent,
                pauses=self.pauses,
                legs=self.legs,
                now=now,
            )
            return promise.left(terms, now)
        stored: int | None = self.values["left_seconds"]
        return stored if state == ClockState.PAUSED else None


@dataclass(frozen=True, slots=True)
class Row:
    """An incident: what is written of it by name, its clocks, the soonest due first."""

    pk: int
    service_id: int
    reporter_id: int | None
    alerts: int
    values: dict[str, Any]
    promises: list[Promised]

    @property
    def opened_at(self) -> datetime:
        moment: datetime = self.values["opened_at"]
        return moment


def read(incidents: QuerySet[Incident]) -> list[Row]:
    """The rows in their order. Two queries."""
    paths = [NEIGHBOURS.get(name, name) for name in _NAMES]
    columns = incidents.annotate(alerts_count=alerts_of_row()).values_list(
        "pk", "service_id", "reporter_id", "alerts_count", *paths
    )
    found = list(columns)
    promises = _promises([each[0] for each in found])
    return [
        Row(*each[:4], dict(zip(_NAMES, each[4:], strict=True)), promises.get(each[0], [])) for each in found
    ]


def said(rows: Iterable[Row], context: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows as this reader reads them. `context` is the serializers'."""
    now = request_now(context["request"]._request)
    return [_said(row, context, now) for row in rows]


def _said(row: Row, context: dict[str, Any], now: datetime) -> dict[str, Any]:
    told = {"ref": f"INC-{row.pk}"} | {name: written(value) for name, value in row.values.items()}
    inside = reads_inside(context, row.service_id)
    told["clocks"] = [_clock(each, now) for each in row.promises if inside or each.is_to_client]
    told["alerts"], told["url"] = row.alerts, url_of(row.pk, context)
    return unsaid(told, row, context)


def _clock(clock: Promised, now: datetime) -> dict[str, Any]:
    told = {name: written(value) for name, value in clock.values.items()}
    told["left_seconds"] = clock.left(now)
    return told


def _promises(incidents: list[int]) -> dict[int, list[Promised]]:
    found: dict[int, list[Promised]] = {}
    for incident, *counting, values in ((*each[:5], each[5:]) for each in _clocks(incidents)):
        clock = Promised(dict(zip(_CLOCK_NAMES, values, strict=True)), *counting)
        found.setdefault(incident, []).append(clock)
    return found


@compiled
def _clocks(incidents: Keys) -> QuerySet[Clock, Any]:
    """Of these incidents, the soonest due first. JSON as text, and only where it is needed."""
    return (
        Clock.objects.filter(incident__in=incidents)
        .order_by("due_at", "pk")
        .values_list(
            "incident_id", "warn_percent", _counting("hours"), _counting("pauses"), _counting("legs"), *_CLOCK_NAMES
        )
    )  # fmt: skip


def _counting(column: str) -> Case:
    return Case(
        When(state=ClockState.RUNNING, then=Cast(column, TextField())),
        default=Value(""),
        output_field=TextField(),
    )
