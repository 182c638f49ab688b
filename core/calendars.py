"""Business time: when a calendar is open, and arithmetic on that time.

Every function is pure: a calendar, instants and pauses in, instants (UTC) or seconds out. Instants are taken
at whole seconds, the fraction is dropped. Pauses are intervals during which the clock stands still; they may
overlap, touch or be empty, and they remove their union from the open time.

Policies: time used up exactly at closing (or as a pause begins) ends there, not at the next opening; a zero
target is the first running moment at or after the start; a negative target goes back to the latest instant
with that much open time up to the start, so used up exactly at an opening it is that opening. Wall-clock
edges follow `core.zones`: after a gap, first of two.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from core.business_days import add_business_days
from core.hours import BusinessHours
from core.intervals import Interval
from core.timelines import NeverOpen, Pauses, add_around, clipped, merged, move, reaching
from core.zones import from_seconds
from core.zones import seconds as to_seconds

__all__ = [
    "BusinessHours",
    "Frame",
    "NeverOpen",
    "add",
    "add_business_days",
    "elapsed",
    "explain",
    "is_open",
    "next_open",
    "open_intervals",
    "subtract",
]

_EPOCH: Final = from_seconds(0)


@dataclass(frozen=True, slots=True)
class Frame:
    """A stretch of opening hours between two instants (UTC): counted (`open`) or stopped (`pause`)."""

    start: datetime
    end: datetime
    kind: Literal["open", "pause"]
    seconds: int


def add(hours: BusinessHours, start: datetime, seconds: int, pauses: Pauses = ()) -> datetime:
    """The instant (UTC) at which `seconds` of business time after `start` are used up.

    Zero gives the first running moment, a negative number goes back. Raises `NeverOpen` when the calendar
    has not that much open time, `ValueError` for a naive `start`.
    """
    if start.tzinfo is None:
        raise ValueError("An instant needs a zone; this datetime has none.")
    at = int(start.timestamp() // 1)
    if pauses:
        return from_seconds(add_around(hours.timeline, at, seconds, merged(pauses)))
    if seconds > 0:
        # the common case, written out: this is the engines' innermost loop
        span = hours.timeline.span
        if span.low <= at < span.high:
            opens, before = span.opens, span.before
            i = bisect_right(span.closes, at)
            if i < len(opens):
                inside = at - opens[i]
                target = before[i] + seconds + (inside if inside > 0 else 0)
                i = bisect_left(before, target, i) - 1
                if i < len(opens):
                    return _EPOCH + timedelta(0, opens[i] + target - before[i])
    return from_seconds(move(hours.timeline, at, seconds))


def subtract(hours: BusinessHours, end: datetime, seconds: int, pauses: Pauses = ()) -> datetime:
    """The latest instant (UTC) with `seconds` of business time between it and `end`; see `add`."""
    return add(hours, end, -seconds, pauses)


def elapsed(hours: BusinessHours, start: datetime, end: datetime, pauses: Pauses = ()) -> int:
    """Seconds of business time from `start` to `end`; 0 when the end is not after the start."""
    first, last = to_seconds(start), to_seconds(end)
    if last <= first:
        return 0
    span = reaching(hours.timeline, first, last)
    used = span.position(last) - span.position(first)
    if pauses:
        for pause_start, pause_end in clipped(merged(pauses), first, last):
            used -= span.position(pause_end) - span.position(pause_start)
    return used


def is_open(hours: BusinessHours, at: datetime) -> bool:
    """Whether the calendar is open at an instant; the closing second itself is closed."""
    second = to_seconds(at)
    return reaching(hours.timeline, second, second).first_open(second) == second


def next_open(hours: BusinessHours, at: datetime) -> datetime:
    """The first open instant (UTC) at or after `at`. Raises `NeverOpen`."""
    return from_seconds(move(hours.timeline, to_seconds(at), 0))


def open_intervals(hours: BusinessHours, start: datetime, end: datetime) -> list[Interval[datetime]]:
    """The open intervals (UTC) between two instants, cut at both; frames that touch are one."""
    first, last = to_seconds(start), to_seconds(end)
    if last <= first:
        return []
    frames = reaching(hours.timeline, first, last).frames(first, last)
    return [Interval(from_seconds(a), from_seconds(b)) for a, b in frames]


def explain(hours: BusinessHours, start: datetime, end: datetime, pauses: Pauses = ()) -> list[Frame]:
    """The opening hours between two instants in order, each counted or paused.

    The seconds of the `open` frames add up to `elapsed` of the same arguments.
    """
    first, last = to_seconds(start), to_seconds(end)
    if last <= first:
        return []
    stops = clipped(merged(pauses), first, last)
    found: list[Frame] = []
    for opening, closing in reaching(hours.timeline, first, last).frames(first, last):
        at = opening
        for pause_start, pause_end in stops:
            if pause_end <= at or pause_start >= closing:
                continue
            if at < pause_start:
                found.append(_frame(at, pause_start, "open"))
            at_end = min(pause_end, closing)
            found.append(_frame(max(at, pause_start), at_end, "pause"))
            at = at_end
        if at < closing:
            found.append(_frame(at, closing, "open"))
    return found


def _frame(start: int, end: int, kind: Literal["open", "pause"]) -> Frame:
    return Frame(from_seconds(start), from_seconds(end), kind, end - start)
