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
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Final, Literal, Self

from core.intervals import Interval
from core.timelines import NeverOpen, Seconds, Span, Timeline
from core.zones import DAY, MAX_YEAR, MIN_YEAR, from_seconds, table
from core.zones import seconds as to_seconds

__all__ = [
    "BusinessHours",
    "Frame",
    "NeverOpen",
    "add",
    "elapsed",
    "explain",
    "is_open",
    "next_open",
    "open_intervals",
    "subtract",
]

DayFrames = tuple[tuple[int, int], ...]
Pauses = Iterable[Interval[datetime] | tuple[datetime, datetime]]

_EPOCH: Final = from_seconds(0)


@dataclass(frozen=True)
class BusinessHours:
    """When somebody works: open frames per weekday in a zone, less holidays, with dated exceptions.

    `weekly` has seven entries, Monday first, of (open, close) in seconds of the local day, close at most
    86400; a frame past midnight is two frames. `exceptions` replace the frames of their date and win over
    holidays; no frames means closed. Raises `ValueError` for frames outside the day, `UnknownZone` for the
    zone. Equal values share their cached open intervals.
    """

    zone: str
    weekly: tuple[DayFrames, ...]
    holidays: frozenset[date] = frozenset()
    exceptions: tuple[tuple[date, DayFrames], ...] = ()

    def __post_init__(self) -> None:
        table(self.zone)
        if len(self.weekly) != 7:
            raise ValueError(f"A week has seven days, Monday first; got {len(self.weekly)}.")
        for frames in (*self.weekly, *(frames for _, frames in self.exceptions)):
            for opening, closing in frames:
                if not 0 <= opening < closing <= DAY:
                    raise ValueError(f"A frame lies within its day and ends after it starts: {(opening, closing)}.")

    @classmethod
    def always(cls, zone: str = "UTC") -> Self:
        """Open around the clock; its business time is elapsed time."""
        return cls(zone=zone, weekly=(((0, DAY),),) * 7)

    def frames_on(self, day: date) -> DayFrames:
        """The open frames of a local date, holidays and exceptions considered."""
        exception = self._by_date.get(day)
        if exception is not None:
            return exception
        return () if day in self.holidays else self.weekly[day.weekday()]

    @cached_property
    def timeline(self) -> Timeline:
        """The cached open intervals of this calendar, shared by all equal ones."""
        return _timeline(self)

    @cached_property
    def _by_date(self) -> dict[date, DayFrames]:
        return dict(self.exceptions)

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        # cached intervals stay at home when a calendar is pickled or copied
        return type(self), (self.zone, self.weekly, self.holidays, self.exceptions)


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
        return from_seconds(_add_around(hours.timeline, at, seconds, _merged(pauses)))
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
    return from_seconds(_move(hours.timeline, at, seconds))


def subtract(hours: BusinessHours, end: datetime, seconds: int, pauses: Pauses = ()) -> datetime:
    """The latest instant (UTC) with `seconds` of business time between it and `end`; see `add`."""
    return add(hours, end, -seconds, pauses)


def elapsed(hours: BusinessHours, start: datetime, end: datetime, pauses: Pauses = ()) -> int:
    """Seconds of business time from `start` to `end`; 0 when the end is not after the start."""
    first, last = to_seconds(start), to_seconds(end)
    if last <= first:
        return 0
    span = _reaching(hours.timeline, first, last)
    used = span.position(last) - span.position(first)
    if pauses:
        for pause_start, pause_end in _clipped(_merged(pauses), first, last):
            used -= span.position(pause_end) - span.position(pause_start)
    return used


def is_open(hours: BusinessHours, at: datetime) -> bool:
    """Whether the calendar is open at an instant; the closing second itself is closed."""
    second = to_seconds(at)
    return _reaching(hours.timeline, second, second).first_open(second) == second


def next_open(hours: BusinessHours, at: datetime) -> datetime:
    """The first open instant (UTC) at or after `at`. Raises `NeverOpen`."""
    return from_seconds(_move(hours.timeline, to_seconds(at), 0))


def open_intervals(hours: BusinessHours, start: datetime, end: datetime) -> list[Interval[datetime]]:
    """The open intervals (UTC) between two instants, cut at both; frames that touch are one."""
    first, last = to_seconds(start), to_seconds(end)
    if last <= first:
        return []
    frames = _reaching(hours.timeline, first, last).frames(first, last)
    return [Interval(from_seconds(a), from_seconds(b)) for a, b in frames]


def explain(hours: BusinessHours, start: datetime, end: datetime, pauses: Pauses = ()) -> list[Frame]:
    """The opening hours between two instants in order, each counted or paused.

    The seconds of the `open` frames add up to `elapsed` of the same arguments.
    """
    first, last = to_seconds(start), to_seconds(end)
    if last <= first:
        return []
    stops = _clipped(_merged(pauses), first, last)
    found: list[Frame] = []
    for opening, closing in _reaching(hours.timeline, first, last).frames(first, last):
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


@lru_cache(maxsize=1024)
def _timeline(hours: BusinessHours) -> Timeline:
    years = [day.year for day, frames in hours.exceptions if frames]
    if any(hours.weekly):
        return Timeline(hours.zone, hours.frames_on)
    return Timeline(
        hours.zone, hours.frames_on, min(years, default=MAX_YEAR), max(years, default=MIN_YEAR)
    )


def _reaching(timeline: Timeline, start: int, end: int) -> Span:
    span = timeline.span
    return span if span.low <= start and end < span.high else timeline.covering(start, end)


def _move(timeline: Timeline, at: int, seconds: int) -> int:
    """`add` without pauses, on whole seconds."""
    span = _reaching(timeline, at, at)
    while True:
        if seconds == 0:
            found = span.first_open(at)
        elif seconds > 0:
            found = span.earliest(span.position(at) + seconds)
        else:
            found = span.latest(span.position(at) + seconds)
        if found is not None:
            return found
        span = timeline.later(span) if seconds >= 0 else timeline.earlier(span)


def _add_around(timeline: Timeline, at: int, seconds: int, pauses: list[Seconds]) -> int:
    """`add` with disjoint sorted pauses: walk from pause to pause until the time is used up."""
    if seconds < 0:
        return _subtract_around(timeline, at, -seconds, pauses)
    left = seconds
    for pause_start, pause_end in pauses:
        if pause_end <= at:
            continue
        if pause_start > at:
            found = _move(timeline, at, left) if left == 0 else None
            if found is not None and found < pause_start:
                return found
            span = _reaching(timeline, at, pause_start)
            running = span.position(pause_start) - span.position(at)
            if 0 < left <= running:
                break
            left -= running
        at = pause_end
    return _move(timeline, at, left)


def _subtract_around(timeline: Timeline, at: int, seconds: int, pauses: list[Seconds]) -> int:
    left = seconds
    for pause_start, pause_end in reversed(pauses):
        if pause_start >= at:
            continue
        if pause_end < at:
            span = _reaching(timeline, pause_end, at)
            running = span.position(at) - span.position(pause_end)
            if left <= running:
                break
            left -= running
        at = pause_start
    return _move(timeline, at, -left)


def _merged(pauses: Pauses) -> list[Seconds]:
    """The union of pauses as sorted, disjoint whole seconds."""
    merged: list[Seconds] = []
    for start, end in sorted((to_seconds(start), to_seconds(end)) for start, end in pauses):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _clipped(pauses: list[Seconds], start: int, end: int) -> list[Seconds]:
    return [(max(a, start), min(b, end)) for a, b in pauses if a < end and b > start]
