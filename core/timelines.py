"""Open time as sorted whole seconds with running totals, so that calendars answer in O(log n).

A `Span` maps instants to *positions*: how many open seconds lie between the span's first opening and the
instant. Adding, subtracting and measuring business time are additions on positions and one bisection back.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from core.intervals import Interval
from core.zones import DAY, MAX_YEAR, MIN_YEAR, ZoneTable, seconds, table, wall_seconds

LocalFrames = Iterable[tuple[int, int]]
Seconds = tuple[int, int]
Pauses = Iterable[Interval[datetime] | tuple[datetime, datetime]]

_FIRST_YEAR: Final = MIN_YEAR + 2
_LAST_YEAR: Final = MAX_YEAR - 2


class NeverOpen(ValueError):
    """The calendar has not enough open time within the years that the engine knows."""


class Span(NamedTuple):
    """The open frames of some whole years; `before[i]` is the open time ahead of frame i.

    `before` has one entry more than there are frames: the total. Answers hold for `low <= at < high`.
    """

    low: int
    high: int
    first_year: int
    end_year: int
    opens: list[int]
    closes: list[int]
    before: list[int]

    def position(self, at: int) -> int:
        """Open seconds between the span's first opening and `at`."""
        i = bisect_right(self.closes, at)
        if i == len(self.opens):
            return self.before[i]
        inside = at - self.opens[i]
        return self.before[i] + inside if inside > 0 else self.before[i]

    def earliest(self, position: int) -> int | None:
        """The first instant at which `position` is reached (a closing, not the next opening)."""
        i = bisect_left(self.before, position) - 1
        if i >= len(self.opens):
            return None
        return self.opens[i] + position - self.before[i]

    def latest(self, position: int) -> int | None:
        """The last instant that still has this position (an opening, not the closing before it)."""
        i = bisect_right(self.before, position) - 1
        if i < 0:
            return None
        return self.opens[i] + position - self.before[i]

    def first_open(self, at: int) -> int | None:
        """The first open instant at or after `at`."""
        i = bisect_right(self.closes, at)
        if i == len(self.opens):
            return None
        return max(at, self.opens[i])

    def frames(self, start: int, end: int) -> Iterator[Seconds]:
        """The open intervals within `[start, end)`, cut at both ends."""
        for i in range(bisect_right(self.closes, start), bisect_left(self.opens, end)):
            yield max(start, self.opens[i]), min(end, self.closes[i])


class Timeline:
    """The open frames of one calendar, built by local year when first needed.

    `frames_on` gives the frames of a local date as seconds of its day; `last_year` is the last year that can
    have any, `first_year` the first. Growing replaces the span by one assignment: threads may share it.
    """

    def __init__(
        self,
        zone: str,
        frames_on: Callable[[date], LocalFrames],
        first_year: int = _FIRST_YEAR,
        last_year: int = _LAST_YEAR,
    ) -> None:
        self._zone: ZoneTable = table(zone)
        self._frames_on = frames_on
        self._first_year = first_year
        self._last_year = last_year
        self._years: dict[int, list[Seconds]] = {}
        self.span = Span(0, 0, 1970, 1970, [], [], [0])

    def covering(self, start: int, end: int | None = None) -> Span:
        """A span whose answers hold from `start` to `end`. Raises `ValueError` outside the known years."""
        first, last = _year_of(start), _year_of(start if end is None else end)
        if first < _FIRST_YEAR or last > _LAST_YEAR:
            raise ValueError(f"Calendars know the years {_FIRST_YEAR} to {_LAST_YEAR}.")
        old = self.span
        if old.first_year < old.end_year:
            first, last = min(first, old.first_year + 1), max(last, old.end_year - 2)
        return self._grow(first - 1, last + 2)

    def later(self, span: Span) -> Span:
        """A span that reaches further into the future. Raises `NeverOpen` when nothing can come."""
        if span.end_year > min(self._last_year, _LAST_YEAR):
            raise NeverOpen(f"The calendar has no such open time up to the year {span.end_year - 1}.")
        return self._grow(span.first_year, span.end_year + max(1, span.end_year - span.first_year))

    def earlier(self, span: Span) -> Span:
        """A span that reaches further into the past. Raises `NeverOpen` when nothing can come."""
        if span.first_year < max(self._first_year, _FIRST_YEAR):
            raise NeverOpen(f"The calendar has no such open time back to the year {span.first_year}.")
        return self._grow(span.first_year - max(1, span.end_year - span.first_year), span.end_year)

    def _grow(self, first_year: int, end_year: int) -> Span:
        first_year, end_year = max(first_year, MIN_YEAR + 1), min(end_year, MAX_YEAR - 1)
        opens: list[int] = []
        closes: list[int] = []
        for year in range(first_year, end_year):
            if year not in self._years:
                self._years[year] = list(self._frames_of(year))
            for start, end in self._years[year]:
                if closes and start <= closes[-1]:
                    closes[-1] = max(end, closes[-1])
                else:
                    opens.append(start)
                    closes.append(end)
        before = [0]
        for start, end in zip(opens, closes, strict=True):
            before.append(before[-1] + end - start)
        # a day of margin at both ends, as local years begin at other instants than those of UTC
        low, high = _first_second(first_year) + DAY, _first_second(end_year) - DAY
        self.span = Span(low, high, first_year, end_year, opens, closes, before)
        return self.span

    def _frames_of(self, year: int) -> Iterator[Seconds]:
        to_utc = self._zone.to_utc
        midnight = _first_second(year)
        for ordinal in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()):
            for opening, closing in self._frames_on(date.fromordinal(ordinal)):
                start, end = to_utc(midnight + opening), to_utc(midnight + closing)
                if start < end:
                    yield start, end
            midnight += DAY


def reaching(timeline: Timeline, start: int, end: int) -> Span:
    """A span whose answers hold from `start` to `end`; the one at hand when it will do."""
    span = timeline.span
    return span if span.low <= start and end < span.high else timeline.covering(start, end)


def move(timeline: Timeline, at: int, amount: int) -> int:
    """The instant `amount` open seconds after `at`, before it, or the next open one. Raises `NeverOpen`."""
    span = reaching(timeline, at, at)
    while True:
        if amount == 0:
            found = span.first_open(at)
        elif amount > 0:
            found = span.earliest(span.position(at) + amount)
        else:
            found = span.latest(span.position(at) + amount)
        if found is not None:
            return found
        span = timeline.later(span) if amount >= 0 else timeline.earlier(span)


def add_around(timeline: Timeline, at: int, amount: int, pauses: list[Seconds]) -> int:
    """`move` with disjoint sorted pauses: walk from pause to pause until the time is used up."""
    if amount < 0:
        return _subtract_around(timeline, at, -amount, pauses)
    left = amount
    for pause_start, pause_end in pauses:
        if pause_end <= at:
            continue
        if pause_start > at:
            span = reaching(timeline, at, pause_start)
            running = span.position(pause_start) - span.position(at)
            # zero time left wants a running moment, any other amount may end as the pause begins
            if running >= max(left, 1):
                break
            left -= running
        at = pause_end
    return move(timeline, at, left)


def _subtract_around(timeline: Timeline, at: int, amount: int, pauses: list[Seconds]) -> int:
    left = amount
    for pause_start, pause_end in reversed(pauses):
        if pause_start >= at:
            continue
        if pause_end < at:
            span = reaching(timeline, pause_end, at)
            running = span.position(at) - span.position(pause_end)
            if left <= running:
                break
            left -= running
        at = pause_start
    return move(timeline, at, -left)


def merged(pauses: Pauses) -> list[Seconds]:
    """The union of pauses as sorted, disjoint whole seconds."""
    merged: list[Seconds] = []
    for start, end in sorted((seconds(start), seconds(end)) for start, end in pauses):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def clipped(pauses: list[Seconds], start: int, end: int) -> list[Seconds]:
    """The parts of sorted pauses within `[start, end)`."""
    return [(max(a, start), min(b, end)) for a, b in pauses if a < end and b > start]


def _first_second(year: int) -> int:
    return wall_seconds(datetime(year, 1, 1))  # noqa: DTZ001 - a wall clock's year


def _year_of(second: int) -> int:
    try:
        return (datetime(1970, 1, 1) + timedelta(seconds=second)).year  # noqa: DTZ001
    except OverflowError:
        return MAX_YEAR if second > 0 else MIN_YEAR
