"""Arithmetic of one promise. Pure: terms, pauses and instants in, a plan out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core import calendars
from core.hours import BusinessHours
from core.intervals import Interval


@dataclass(frozen=True, slots=True)
class Terms:
    """What one clock counts: `target` business seconds from `start`, by `hours`, less `pauses`."""

    hours: BusinessHours
    start: datetime
    target: int
    warn_percent: int
    pauses: tuple[Interval[datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """When to warn and when the promise is due (UTC instants)."""

    warn_at: datetime
    due_at: datetime


def plan(terms: Terms) -> Plan:
    """The instants at which `warn_percent` and all of the time are used up."""
    return Plan(
        warn_at=calendars.add(
            terms.hours, terms.start, terms.target * terms.warn_percent // 100, terms.pauses
        ),
        due_at=calendars.add(terms.hours, terms.start, terms.target, terms.pauses),
    )


def used(terms: Terms, at: datetime) -> int:
    """Business seconds consumed at `at`, pauses not counted."""
    return calendars.elapsed(terms.hours, terms.start, at, terms.pauses)


def left(terms: Terms, at: datetime) -> int:
    """Business seconds left at `at`; negative once it is late."""
    return terms.target - used(terms, at)


def next_event(planned: Plan, *, warned: bool, breached: bool) -> datetime | None:
    """What happens next of a running clock: the warning, then the breach, then nothing."""
    if breached:
        return None
    if warned:
        return planned.due_at
    return min(planned.warn_at, planned.due_at)


@dataclass(frozen=True, slots=True)
class Effects:
    """What a tick has to do at `now`."""

    warn: bool
    breach: bool


def decide(planned: Plan, now: datetime, *, warned: bool, breached: bool) -> Effects:
    """Which effects are due. A breach swallows a warning that never got its turn."""
    breach = not breached and planned.due_at <= now
    return Effects(warn=not warned and not breached and not breach and planned.warn_at <= now, breach=breach)


def intervals(raw: Sequence[Sequence[str | None]], until: datetime) -> tuple[Interval[datetime], ...]:
    """Stored pauses as intervals; one still open ends at `until`."""
    found = []
    for begin, end in raw:
        start = datetime.fromisoformat(str(begin))
        stop = datetime.fromisoformat(end) if end else until
        if stop > start:
            found.append(Interval(start, stop))
    return tuple(found)
