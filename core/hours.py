"""When somebody works: the calendar value that `core.calendars` reckons with."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Self

from core.timelines import Timeline
from core.zones import DAY, MAX_YEAR, MIN_YEAR, table

DayFrames = tuple[tuple[int, int], ...]


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
                    raise ValueError(
                        f"A frame lies within its day and ends after it starts: {(opening, closing)}."
                    )

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


@lru_cache(maxsize=1024)
def _timeline(hours: BusinessHours) -> Timeline:
    years = [day.year for day, frames in hours.exceptions if frames]
    if any(hours.weekly):
        return Timeline(hours.zone, hours.frames_on)
    return Timeline(hours.zone, hours.frames_on, min(years, default=MAX_YEAR), max(years, default=MIN_YEAR))
