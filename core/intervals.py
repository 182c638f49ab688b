"""Half-open intervals `[start, end)` and the few operations the engines need on them.

The bounds may be of any ordered type; in this project they are aware UTC datetimes. An interval that
ends at or before its start is empty: it covers nothing, and the functions below drop it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T", bound=datetime)


@dataclass(frozen=True, slots=True, order=True)
class Interval(Generic[T]):
    """The instants from `start` up to, not including, `end`. Unpacks as `start, end = interval`."""

    start: T
    end: T

    def __iter__(self) -> Iterator[T]:
        yield self.start
        yield self.end

    def __contains__(self, at: object) -> bool:
        return self.start <= at < self.end  # type: ignore[operator]

    @property
    def is_empty(self) -> bool:
        """Whether it covers nothing."""
        return self.end <= self.start

    @property
    def length(self) -> timedelta:
        """How long it lasts; zero when it is empty."""
        return max(self.end - self.start, timedelta(0))


def union(intervals: Iterable[Interval[T]]) -> list[Interval[T]]:
    """Sorted, disjoint intervals that cover what any of `intervals` covers; touching ones are joined."""
    joined: list[Interval[T]] = []
    for interval in sorted(intervals):
        if interval.is_empty:
            continue
        if joined and interval.start <= joined[-1].end:
            if interval.end > joined[-1].end:
                joined[-1] = Interval(joined[-1].start, interval.end)
        else:
            joined.append(interval)
    return joined


def intersect(a: Iterable[Interval[T]], b: Iterable[Interval[T]]) -> list[Interval[T]]:
    """Sorted, disjoint intervals that both `a` and `b` cover."""
    left, right = union(a), union(b)
    common: list[Interval[T]] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start = max(left[i].start, right[j].start)
        end = min(left[i].end, right[j].end)
        if start < end:
            common.append(Interval(start, end))
        if left[i].end <= right[j].end:
            i += 1
        else:
            j += 1
    return common


def subtract(a: Iterable[Interval[T]], b: Iterable[Interval[T]]) -> list[Interval[T]]:
    """Sorted, disjoint intervals that `a` covers and `b` does not."""
    holes = union(b)
    left: list[Interval[T]] = []
    first = 0
    for interval in union(a):
        start = interval.start
        while first < len(holes) and holes[first].end <= start:
            first += 1
        at = first
        while at < len(holes) and holes[at].start < interval.end:
            if start < holes[at].start:
                left.append(Interval(start, holes[at].start))
            start = holes[at].end
            at += 1
        if start < interval.end:
            left.append(Interval(start, interval.end))
    return left


def total(intervals: Iterable[Interval[T]]) -> timedelta:
    """How long the union of `intervals` lasts: what they cover twice counts once."""
    return sum((interval.length for interval in union(intervals)), timedelta(0))


def clip(intervals: Iterable[Interval[T]], start: T, end: T) -> list[Interval[T]]:
    """The parts of `intervals` within `[start, end)`, in their order and not joined."""
    cut = (Interval(max(interval.start, start), min(interval.end, end)) for interval in intervals)
    return [interval for interval in cut if not interval.is_empty]
