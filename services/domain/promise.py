"""Arithmetic of one promise. Pure: terms, pauses and instants in, a plan out.

A promise is counted by hours. Where they changed while it counted and what was used stays used, it has legs: each stretch is
counted by the hours of its time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core import calendars
from core.calendars import NeverOpen
from core.hours import BusinessHours
from core.intervals import Interval
from core.zones import to_local, to_utc
from services.choices import RungUnit, TargetMode
from services.types import Rung, Target

_FURTHEST = timedelta(days=800)


@dataclass(frozen=True, slots=True)
class Leg:
    """Up to `until` (UTC instant) it was counted by `hours`."""

    until: datetime
    hours: BusinessHours


@dataclass(frozen=True, slots=True)
class Terms:
    """What one clock counts: `target` business seconds from `start`, less `pauses`; by the hours of `legs`, then by `hours`."""

    hours: BusinessHours
    start: datetime
    target: int
    warn_percent: int
    pauses: tuple[Interval[datetime], ...] = ()
    legs: tuple[Leg, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """When to warn and when the promise is due (UTC instants)."""

    warn_at: datetime
    due_at: datetime


def seconds_of(target: Target, hours: BusinessHours, start: datetime) -> int:
    """A target as seconds of `hours` from `start`, so that pauses, warnings and explanations are the same for all modes.

    `days` business days end at the same wall-clock time that many working days on (`core.business_days`); the next business
    day ends at `at` of it, or when it closes. What lies beyond closing ends at closing. Raises `NeverOpen`.
    """
    if target.mode == TargetMode.BUSINESS_DAYS:
        return calendars.elapsed(hours, start, calendars.add_business_days(hours, start, target.days))
    if target.mode == TargetMode.NEXT_DAY:
        return calendars.elapsed(hours, start, _next_day(hours, start, target.at))
    return target.minutes * 60


def _next_day(hours: BusinessHours, start: datetime, at: int | None) -> datetime:
    """The hour of the first business day after the local date of `start`; its last closing without one."""
    day = to_local(start, hours.zone).date()
    for ahead in range(1, _FURTHEST.days):
        found: date = day + timedelta(days=ahead)
        frames = hours.frames_on(found)
        if frames:
            second = max(closes for _opens, closes in frames) if at is None else at
            return to_utc(datetime.combine(found, time()) + timedelta(seconds=second), hours.zone)
    raise NeverOpen("The calendar has no business day ahead.")


def plan(terms: Terms) -> Plan:
    """The instants at which `warn_percent` and all of the time are used up."""
    return Plan(
        warn_at=at_used(terms, terms.target * terms.warn_percent // 100), due_at=at_used(terms, terms.target)
    )


def at_used(terms: Terms, seconds: int) -> datetime:
    """The instant (UTC) at which so much is used up; zero or less is the first running moment."""
    seconds = max(0, seconds)
    if not terms.legs:
        return calendars.add(terms.hours, terms.start, seconds, terms.pauses)
    for start, until, hours in _stretches(terms):
        if until is None:
            return calendars.add(hours, start, seconds, terms.pauses)
        inside = calendars.elapsed(hours, start, until, terms.pauses)
        if seconds <= inside:
            return calendars.add(hours, start, seconds, terms.pauses)
        seconds -= inside
    raise AssertionError("the last stretch has no end")


def used(terms: Terms, at: datetime) -> int:
    """Business seconds consumed at `at`, pauses not counted."""
    if not terms.legs:
        return calendars.elapsed(terms.hours, terms.start, at, terms.pauses)
    return sum(
        calendars.elapsed(hours, start, at if until is None else min(until, at), terms.pauses)
        for start, until, hours in _stretches(terms)
    )


def counted(terms: Terms, until: datetime) -> list[calendars.Frame]:
    """The opening hours up to an instant in order, each counted or paused, by the hours of its time."""
    if not terms.legs:
        return calendars.explain(terms.hours, terms.start, until, terms.pauses)
    found: list[calendars.Frame] = []
    for start, end, hours in _stretches(terms):
        found += calendars.explain(hours, start, until if end is None else min(end, until), terms.pauses)
    return found


def _stretches(terms: Terms) -> Iterator[tuple[datetime, datetime | None, BusinessHours]]:
    start = terms.start
    for leg in terms.legs:
        if leg.until > start:
            yield start, leg.until, leg.hours
            start = leg.until
    yield start, None, terms.hours


def left(terms: Terms, at: datetime) -> int:
    """Business seconds left at `at`; negative once it is late."""
    return terms.target - used(terms, at)


def rung_at(terms: Terms, rung: Rung) -> datetime:
    """When a rung of the ladder comes (UTC), in time that counts."""
    if rung.unit == RungUnit.PERCENT:
        return at_used(terms, terms.target * rung.amount // 100)
    offset = rung.amount * 60
    return at_used(terms, terms.target + (offset if rung.unit == RungUnit.AFTER else -offset))


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
