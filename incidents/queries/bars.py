"""A clock as a bar to draw."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.compiled import Keys, compiled
from core.ui.slabar import Pause, SlaBar, sla_bar
from incidents.choices import ClockState
from incidents.domain.told import length_of, name_of
from incidents.models import Clock
from services.choices import AgreementKind, PromiseKind

_NO_PAUSES = "[]"


@dataclass(frozen=True, slots=True)
class Promised:
    """What a bar shows of a clock that counts a promise to the client. `pauses` is the stored JSON."""

    pk: int
    kind: str
    state: str
    started_at: datetime
    due_at: datetime
    warn_at: datetime | None
    met_at: datetime | None
    left_seconds: int | None
    pauses: str


def promised(incidents: Sequence[int]) -> dict[int, list[Promised]]:
    """The promises to the client of these incidents, by the incident's id, in no order. One query, none for none."""
    if not incidents:
        return {}
    found: dict[int, list[Promised]] = {}
    for incident, *shown in _promised(list(incidents)):
        found.setdefault(incident, []).append(Promised(*shown))
    return found


@compiled
def _promised(incidents: Keys) -> QuerySet[Clock, Any]:
    clocks = Clock.objects.filter(incident__in=incidents, basis=AgreementKind.SLA).order_by()
    # As text, so that only those are parsed that hold a pause and are shown.
    return clocks.values_list(
        "incident_id", "pk", "kind", "state", "started_at", "due_at", "warn_at", "met_at", "left_seconds",
        Cast("pauses", TextField()),
    )  # fmt: skip


def bar(clock: Clock, now: datetime, zone: str, *, long: bool = False) -> SlaBar:
    """The promise of `clock` as it stands at `now`, in the words of `zone`. `long` adds its target to the name."""
    name = name_of(clock)
    if long:
        name = _("%(what)s in %(time)s") % {"what": name, "time": length_of(clock)}
    return _bar(clock, name, clock.pauses, now, zone)


def bar_of(clock: Promised, now: datetime, zone: str) -> SlaBar:
    """The same of a row's promise."""
    pauses = json.loads(clock.pauses) if clock.pauses != _NO_PAUSES else ()
    return _bar(clock, _kind_word(clock.kind, get_language()), pauses, now, zone)


@lru_cache(maxsize=64)
def _kind_word(kind: str, _language: str | None) -> str:
    return str(PromiseKind(kind).label)


def _bar(clock: Clock | Promised, name: str, stored: Iterable[Any], now: datetime, zone: str) -> SlaBar:
    paused = clock.state == ClockState.PAUSED
    if paused:
        name = _("%(what)s, paused") % {"what": name}
    pauses: list[Pause] = [
        (datetime.fromisoformat(start), datetime.fromisoformat(stop) if stop else None)
        for start, stop in stored
    ]
    return sla_bar(
        clock.started_at,
        clock.due_at,
        now,
        pauses,
        warn_at=clock.warn_at,
        met_at=clock.met_at,
        name=name,
        remaining=timedelta(seconds=clock.left_seconds or 0) if paused else None,
        zone=zone,
    )


def to_client(clocks: Iterable[Clock]) -> list[Clock]:
    """Those that are promised to the client; what parties promise one another is the house's own."""
    return [clock for clock in clocks if clock.basis == AgreementKind.SLA]


def next_clock(clocks: Iterable[Promised]) -> Promised | None:
    """The one a row shows: what counts and is due first, else what is paused, else what was met last."""
    ranked = [clock for clock in clocks if clock.state != ClockState.CANCELLED]
    for state in (ClockState.RUNNING, ClockState.PAUSED):
        counting = [clock for clock in ranked if clock.state == state]
        if counting:
            return min(counting, key=lambda clock: (clock.due_at, clock.pk))
    return max(ranked, key=lambda clock: (clock.met_at or clock.started_at, clock.pk), default=None)
