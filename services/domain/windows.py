"""The time over which an error budget is given, and its days. Pure; half-open; instants in UTC."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core.intervals import Interval
from core.zones import to_local, to_utc
from services.choices import BudgetWindow

ROLLING = {BudgetWindow.ROLLING_28D: timedelta(days=28), BudgetWindow.ROLLING_30D: timedelta(days=30)}


@dataclass(frozen=True, slots=True)
class Window:
    """A window of a budget as of `now`: `[start, end)`, of which `[start, now)` has been.

    A rolling window ends at `now`; a month ends where the next one begins.
    """

    start: datetime
    end: datetime
    now: datetime

    @property
    def past(self) -> Interval[datetime]:
        return Interval(self.start, min(self.now, self.end))

    @property
    def whole(self) -> Interval[datetime]:
        return Interval(self.start, self.end)

    @property
    def is_rolling(self) -> bool:
        return self.end == self.now

    @property
    def gone(self) -> float:
        """Which part of it has been, 0 to 1."""
        return min(1.0, self.past.length / self.whole.length) if not self.whole.is_empty else 1.0


def window_at(kind: str, zone: str, now: datetime) -> Window:
    """The window of that kind at `now`; a month is that of `zone` (IANA), as long as its clocks make it."""
    length = ROLLING.get(BudgetWindow(kind))
    if length is not None:
        return Window(now - length, now, now)
    month = month_of(to_local(now, zone).date(), zone)
    return Window(month.start, month.end, now)


def month_of(day: date, zone: str) -> Interval[datetime]:
    """The month in which `day` lies, from its first local midnight to the next month's."""
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return Interval(_midnight(first, zone), _midnight(following, zone))


def month_before(day: date) -> date:
    """The first day of the month before that in which `day` lies."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def days_of(start: datetime, end: datetime, zone: str) -> list[Interval[datetime]]:
    """`[start, end)` cut at every local midnight of `zone`; the first and last piece may be shorter than a day."""
    pieces: list[Interval[datetime]] = []
    at, day = start, to_local(start, zone).date()
    while at < end:
        day += timedelta(days=1)
        midnight = min(_midnight(day, zone), end)
        if midnight > at:
            pieces.append(Interval(at, midnight))
            at = midnight
    return pieces


def _midnight(day: date, zone: str) -> datetime:
    return to_utc(datetime.combine(day, time()), zone)
