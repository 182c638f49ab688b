"""The hand-over grid of a layer: which period an instant lies in, and whose turn that period is.

Periods are numbered; number 0 holds the anchor and they run on to both sides. Hand-overs are wall-clock
times. Two that fall on one instant (in a gap of the clocks) are one hand-over, and the turn between them is
used up. Numbers are whole seconds of UTC or of the layer's wall clock, as in `core.zones`.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, time
from functools import lru_cache
from itertools import accumulate
from math import gcd
from typing import Final

from core.zones import DAY, from_seconds, from_wall_seconds, seconds, table, wall_seconds
from rotas.types import Layer, Window

_HOUR: Final = 3600
_WEEK: Final = 7 * DAY
# 1970 began on a Thursday
_FIRST_MONDAY: Final = 4 * DAY

Turn = tuple[int, int, int]


class Grid:
    """Hand-overs and turns of one layer; made by `grid_of`."""

    def __init__(self, layer: Layer) -> None:
        self._table = table(layer.zone)
        self._months = layer.length if layer.unit == "monthly" else 0
        anchor = _origin(layer)
        self._origin = wall_seconds(anchor)
        self._anchor = anchor
        self._step = {"hourly": _HOUR, "daily": DAY, "weekly": _WEEK, "monthly": _WEEK}[layer.unit]
        self._hold = 1
        self._counted: list[int] | None = None
        counts_open = any(window.weekdays for window in layer.windows) and not layer.count_closed
        if counts_open and layer.unit in ("hourly", "daily"):
            # open days are counted one by one and held; hours in whole blocks, as their grid is finer
            if layer.unit == "daily":
                self._hold = layer.length
            else:
                self._step *= layer.length
            self._counted = _open_periods(layer.windows, self._origin, self._step)
        else:
            self._step *= layer.length

    def wall(self, period: int) -> int:
        """The wall-clock second at which a period begins."""
        if not self._months:
            return self._origin + period * self._step
        months = self._anchor.year * 12 + self._anchor.month - 1 + period * self._months
        year, month = months // 12, months % 12 + 1
        # clamped from the anchor, so that a short month never shortens the ones after it
        day = min(self._anchor.day, monthrange(year, month)[1])
        return wall_seconds(self._anchor.replace(year=year, month=month, day=day))

    def instant(self, period: int) -> int:
        """The instant at which a period begins."""
        return self._table.to_utc(self.wall(period))

    def period_at(self, at: int) -> int:
        """The number of the period that an instant lies in."""
        wall = self._table.to_wall(at)
        if self._months:
            shown = from_wall_seconds(wall)
            months = (shown.year - self._anchor.year) * 12 + shown.month - self._anchor.month
            period = months // self._months
        else:
            period = (wall - self._origin) // self._step
        while self.instant(period) > at:
            period -= 1
        while self.instant(period + 1) <= at:
            period += 1
        return period

    def turn(self, period: int) -> int:
        """Whose turn it is; a period in which the layer is never open belongs to the turn before it."""
        if self._counted is None:
            return period
        cycle = len(self._counted) - 1
        rounds, rest = divmod(period + 1, cycle)
        return (rounds * self._counted[cycle] + self._counted[rest] - 1) // self._hold

    def turns(self, start: int, end: int) -> Iterator[Turn]:
        """The turns that overlap `[start, end)` as (start, end, number), whole and in order."""
        if end <= start:
            return
        if self._counted is None and not self._months:
            yield from self._plain_turns(start, end)
            return
        period = self.period_at(start)
        number = self.turn(period)
        while self.turn(period - 1) == number:
            period -= 1
        begin = self.instant(period)
        while begin < end:
            period += 1
            following = self.turn(period)
            if following == number:
                continue
            until = self.instant(period)
            if begin < until:
                yield begin, until, number
            begin, number = until, following

    def _plain_turns(self, start: int, end: int) -> Iterator[Turn]:
        """`turns` where each period is a turn of fixed wall-clock length: the common case, kept short."""
        to_utc, step = self._table.to_utc, self._step
        number = self.period_at(start)
        wall = self._origin + number * step
        begin = to_utc(wall)
        offset, steady = self._table.steady(begin)
        while begin < end:
            wall += step
            until = wall - offset
            # while the offset holds nothing need be looked up; just after a gap a wall clock may lag behind
            if until >= steady or until < begin:
                until = to_utc(wall)
                offset, steady = self._table.steady(until)
            if begin < until:
                yield begin, until, number
            begin = until
            number += 1


@lru_cache(maxsize=4096)
def grid_of(layer: Layer) -> Grid:
    """The shared grid of a layer."""
    return Grid(layer)


def turn_at(layer: Layer, at: datetime) -> tuple[datetime, datetime, int]:
    """Start, end (UTC) and number of the turn that an instant lies in."""
    second = seconds(at)
    begin, end, number = next(iter(grid_of(layer).turns(second, second + 1)))
    return from_seconds(begin), from_seconds(end), number


def handoffs(layer: Layer, start: datetime, end: datetime) -> list[datetime]:
    """The hand-overs (UTC) within `[start, end)` and within the layer's validity, in order."""
    first, last = validity(layer, seconds(start), seconds(end))
    return [from_seconds(begin) for begin, _, _ in grid_of(layer).turns(first, last) if begin >= first]


def handoffs_around(layer: Layer, start: datetime, end: datetime) -> list[datetime]:
    """The hand-overs (UTC) from the last one at or before `start` through the first one after `end`."""
    last = seconds(end)
    turns = list(grid_of(layer).turns(seconds(start), last + 1))
    return [from_seconds(begin) for begin, _, _ in turns] + [from_seconds(turns[-1][1])]


def validity(layer: Layer, start: int, end: int) -> tuple[int, int]:
    """`[start, end)` cut to the time in which the layer is valid; may come out empty."""
    if layer.starts is not None:
        start = max(start, seconds(layer.starts))
    if layer.ends is not None:
        end = min(end, seconds(layer.ends))
    return start, end


def window_frames(windows: tuple[Window, ...]) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Weekly windows as open frames of each local day, Monday first; past midnight they become two."""
    week: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for window in windows:
        opening, closing = _second(window.start), _second(window.end)
        for day in window.weekdays:
            if opening < closing:
                week[day].append((opening, closing))
                continue
            week[day].append((opening, DAY))
            if closing:
                week[(day + 1) % 7].append((0, closing))
    return tuple(tuple(sorted(frames)) for frames in week)


def _origin(layer: Layer) -> datetime:
    """The wall-clock time at which period 0 begins."""
    anchor = layer.anchor.replace(microsecond=0)
    if layer.turns == "calendar" and layer.unit == "weekly":
        monday = date.fromordinal(anchor.toordinal() - anchor.weekday())
        return datetime.combine(monday, anchor.time())
    if layer.turns == "calendar" and layer.unit == "monthly":
        return anchor.replace(day=1)
    return anchor


def _open_periods(windows: tuple[Window, ...], origin: int, step: int) -> list[int]:
    """How many of the first n periods have a window open, for n from 0 to a whole cycle of weeks."""
    frames = [
        (day * DAY + opening, day * DAY + closing)
        for day, day_frames in enumerate(window_frames(windows))
        for opening, closing in day_frames
    ]
    cycle = _WEEK // gcd(step, _WEEK)
    begins = ((origin - _FIRST_MONDAY + period * step) % _WEEK for period in range(cycle))
    opened = (
        any(opening < begin + step and closing > begin for opening, closing in _two_rounds(frames, step))
        for begin in begins
    )
    return [0, *accumulate(int(is_open) for is_open in opened)]


def _two_rounds(frames: list[tuple[int, int]], step: int) -> list[tuple[int, int]]:
    rounds = 2 + step // _WEEK
    return [(a + _WEEK * n, b + _WEEK * n) for n in range(rounds) for a, b in frames]


def _second(wall: time) -> int:
    return wall.hour * 3600 + wall.minute * 60 + wall.second
