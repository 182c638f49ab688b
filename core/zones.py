"""Wall-clock times and instants, by the pinned `tzdata` package only.

Policy, everywhere in the project: a wall-clock time that does not exist (clocks go forward) is the first
instant after the gap; one that happens twice (clocks go back) is its first occurrence, unless the last is
asked for. Both follow from one sentence: the instant of a wall-clock time is the first one at which the
wall clock shows that time or a later one.

The engines count in whole seconds since 1970: of UTC, or of a wall clock as if it were UTC.
"""

import zoneinfo
from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.metadata import version
from typing import Final, Literal, NamedTuple

# The machine's own zone files differ from host to host; two processes must never disagree on a due time.
zoneinfo.reset_tzpath(to=())

MIN_YEAR: Final = 1900
MAX_YEAR: Final = 2200
DAY: Final = 86_400

_NAIVE_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - the zero of wall clocks has no zone
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# No offset of any zone since 1901 held for less than 6.9 days (the shortest: America/Boa_Vista in 2000).
_PROBE: Final = 4 * DAY


class UnknownZone(ValueError):
    """The name is not an IANA time zone of the pinned tzdata."""


class _Span(NamedTuple):
    """Offsets of a zone between two instants; entry i holds from `starts[i]` to `starts[i + 1]`."""

    low: int
    high: int
    starts: list[int]
    wall_starts: list[int]
    offsets: list[int]


class ZoneTable:
    """Offsets of one zone, found once and kept as sorted lists; answers in O(log n).

    It reaches from `MIN_YEAR` to `MAX_YEAR` and grows towards them when asked. Growing replaces the whole
    span by one assignment, so threads may share a table.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._zone = _zone(name)
        self._span = self._build(2010, 2040)

    def to_utc(self, wall: int, *, last: bool = False) -> int:
        """The instant of a wall-clock second; `last` asks for the second occurrence of an ambiguous one."""
        span = self._span
        if not span.low <= wall < span.high:
            span = self._reach(wall)
        at = bisect_right(span.wall_starts, wall) - 1
        if last and at + 1 < len(span.starts) and wall - span.offsets[at + 1] >= span.starts[at + 1]:
            at += 1
        instant = wall - span.offsets[at]
        start = span.starts[at]
        return instant if instant > start else start

    def to_wall(self, instant: int) -> int:
        """What the wall clock shows at an instant, both in seconds."""
        span = self._span
        if not span.low <= instant < span.high:
            span = self._reach(instant)
        return instant + span.offsets[bisect_right(span.starts, instant) - 1]

    def steady(self, instant: int) -> tuple[int, int]:
        """The offset at an instant, and until which instant it holds for certain; both in seconds."""
        span = self._span
        if not span.low <= instant < span.high:
            span = self._reach(instant)
        at = bisect_right(span.starts, instant)
        return span.offsets[at - 1], min(span.starts[at], span.high) if at < len(span.starts) else span.high

    def _reach(self, second: int) -> _Span:
        year = (_NAIVE_EPOCH + timedelta(seconds=second)).year
        if not MIN_YEAR < year < MAX_YEAR:
            raise ValueError(f"The year {year} is outside {MIN_YEAR + 1} to {MAX_YEAR - 1}.")
        low = min((_NAIVE_EPOCH + timedelta(seconds=self._span.low)).year, year - 10)
        high = max((_NAIVE_EPOCH + timedelta(seconds=self._span.high)).year + 1, year + 10)
        self._span = self._build(max(low, MIN_YEAR), min(high, MAX_YEAR))
        return self._span

    def _build(self, low_year: int, high_year: int) -> _Span:
        first, end = _year_start(low_year), _year_start(high_year)
        offsets = [self._offset(first)]
        starts = [first - DAY * 366_000]
        wall_starts = [starts[0]]
        before = first
        while before < end:
            after = min(before + _PROBE, end)
            if self._offset(after) != offsets[-1]:
                change = self._change(before, after)
                starts.append(change)
                wall_starts.append(change + offsets[-1])
                offsets.append(self._offset(change))
                before = change
            else:
                before = after
        # two days of margin: a wall clock is never further from UTC than that
        return _Span(first + 2 * DAY, end - 2 * DAY, starts, wall_starts, offsets)

    def _change(self, before: int, after: int) -> int:
        """The first second with another offset than `before` has, by halving."""
        offset = self._offset(before)
        while after - before > 1:
            middle = (before + after) // 2
            if self._offset(middle) == offset:
                before = middle
            else:
                after = middle
        return after

    def _offset(self, instant: int) -> int:
        offset = datetime.fromtimestamp(instant, self._zone).utcoffset()
        assert offset is not None  # noqa: S101 - ZoneInfo always has one
        return offset // timedelta(seconds=1)


@lru_cache(maxsize=700)
def table(zone: str) -> ZoneTable:
    """The shared table of an IANA zone. Raises `UnknownZone`."""
    return ZoneTable(zone)


def to_utc(local_naive: datetime, zone: str, *, which: Literal["first", "last"] = "first") -> datetime:
    """The UTC instant at which the clocks of `zone` show `local_naive` (a datetime without tzinfo).

    A time in a gap is the first instant after it; an ambiguous one is its first occurrence, or the second
    with `which="last"`. Raises `UnknownZone`, and `ValueError` for an aware datetime.
    """
    wall = wall_seconds(local_naive)
    zone_table = table(zone)
    instant = zone_table.to_utc(wall, last=which == "last")
    shown = zone_table.to_wall(instant)
    return from_seconds(instant) + timedelta(microseconds=local_naive.microsecond if shown == wall else 0)


def to_local(at: datetime, zone: str) -> datetime:
    """What a wall clock in `zone` shows at the aware instant `at`, as a datetime without tzinfo."""
    if at.tzinfo is None:
        raise ValueError("An instant needs a zone; this datetime has none.")
    return at.astimezone(_zone(zone)).replace(tzinfo=None)


def wall_seconds(local_naive: datetime) -> int:
    """A wall-clock time in whole seconds since 1970 of that clock; the fraction is dropped."""
    if local_naive.tzinfo is not None:
        raise ValueError("A wall-clock time has no tzinfo; this datetime has one.")
    return (local_naive - _NAIVE_EPOCH) // timedelta(seconds=1)


def from_wall_seconds(wall: int) -> datetime:
    """The wall-clock time (no tzinfo) that many seconds after 1970 of that clock."""
    return _NAIVE_EPOCH + timedelta(seconds=wall)


def seconds(at: datetime) -> int:
    """An aware instant in whole seconds since 1970 UTC; the fraction is dropped."""
    if at.tzinfo is None:
        raise ValueError("An instant needs a zone; this datetime has none.")
    return int(at.timestamp() // 1)


def from_seconds(instant: int) -> datetime:
    """The UTC instant that many seconds after 1970."""
    return _EPOCH + timedelta(seconds=instant)


def tzdata_version() -> str:
    """Version of the zone data in use; results of the engines are reproducible with the same version."""
    return version("tzdata")


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise UnknownZone(f"{name!r} is not an IANA time zone.") from error


def _year_start(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
