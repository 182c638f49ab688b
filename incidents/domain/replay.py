"""A promise told again from the timeline must be what is stored. Pure but for reading the stamped calendar."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from core.intervals import Interval
from core.timelines import merged
from incidents.choices import ClockState
from incidents.domain import waits
from incidents.domain.stamping import next_rung_at, terms_of
from incidents.models import Clock
from services.domain import promise

# Times are counted in whole seconds.
CLOSE: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Drift:
    """Where a clock is not what its events make it: which field, as stored, and as told again."""

    field: str
    stored: Any
    replayed: Any


def drifts(clock: Clock, history: waits.History, now: datetime) -> list[Drift]:
    """What differs; nothing where the clock is right.

    Pauses are told again from what happened to the incident; warning, rungs, due time, rest and breach from the stamped
    terms and those pauses. A first breach stays a breach, so one too many is none.
    """
    end = min(clock.ended_at or now, now)
    found = [*_pauses(clock, history, end)]
    planned = promise.plan(terms_of(clock, now))
    if clock.state == ClockState.RUNNING:
        found += _differ("due_at", clock.due_at, planned.due_at)
        found += _differ("warn_at", clock.warn_at, planned.warn_at)
        said = promise.next_event(
            planned, warned=clock.warned_at is not None, breached=clock.breached_at is not None
        )
        rung = next_rung_at(clock, terms_of(clock, now))
        found += _differ("rung_at", clock.rung_at, rung)
        coming = min([at for at in (said, rung) if at is not None], default=None)
        found += _differ("next_at", clock.next_at, coming)
    elif clock.next_at is not None:
        found.append(Drift("next_at", clock.next_at, None))
    if clock.state == ClockState.PAUSED:
        left = promise.left(terms_of(clock, now), now)
        if clock.left_seconds is None or abs(clock.left_seconds - left) > 1:
            found.append(Drift("left_seconds", clock.left_seconds, left))
    if clock.state == ClockState.MET and clock.met_at is not None:
        late = promise.used(terms_of(clock, now), clock.met_at) > clock.target_seconds + 1
        if late and clock.breached_at is None:
            found.append(Drift("breached_at", None, planned.due_at))
    return found


def _pauses(clock: Clock, history: waits.History, end: datetime) -> list[Drift]:
    wanted = _seconds(waits.between(history, end, waits.stops_of(clock)), clock.started_at, end)
    stored = _seconds(promise.intervals(clock.pauses, end), clock.started_at, end)
    if len(wanted) == len(stored) and all(
        abs(a - b) <= 1
        for one, other in zip(wanted, stored, strict=True)
        for a, b in zip(one, other, strict=True)
    ):
        return []
    return [Drift("pauses", _said(stored), _said(wanted))]


def _seconds(pauses: Iterable[Interval[datetime]], start: datetime, end: datetime) -> list[tuple[int, int]]:
    """Their union within the clock's life, in whole seconds; without what is shorter than one."""
    cut = [
        Interval(max(each.start, start), min(each.end, end))
        for each in pauses
        if each.end > start and each.start < end
    ]
    return [(a, b) for a, b in merged([each for each in cut if each.end > each.start]) if b - a > 1]


def _said(pauses: list[tuple[int, int]]) -> list[list[int]]:
    return [list(each) for each in pauses]


def _differ(field: str, stored: datetime | None, replayed: datetime | None) -> list[Drift]:
    if stored is None and replayed is None:
        return []
    if stored is not None and replayed is not None and abs(stored - replayed) <= CLOSE:
        return []
    return [Drift(field, stored, replayed)]
