"""Business calendars of the database as the value that `core.calendars` reckons with."""

import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import holidays
from django.db.models import DateField, SmallIntegerField, Value

from core.calendars import BusinessHours
from core.prefetched import remember
from services.models import BusinessCalendar, CalendarException, CalendarFrame

DayFrames = tuple[tuple[int, int], ...]
_log = logging.getLogger(__name__)
_ALWAYS = BusinessHours.always()


def business_hours(calendar: BusinessCalendar, *, year_from: int, year_to: int) -> BusinessHours:
    """The opening hours of a calendar, with holidays and exceptions of the years asked for (both included).

    Times are local to the calendar's zone. A public holiday closes its local date; an exception replaces
    the whole date and wins over weekday and holiday; where a date is both closed and given frames, the
    frames hold. Holidays on weekdays that are closed anyway are left out. 24×7 knows neither. Two queries,
    none where frames and exceptions were prefetched.
    """
    if calendar.always_open:
        return BusinessHours.always()
    weekly = _weekly(calendar)
    return BusinessHours(
        zone=calendar.zone,
        weekly=weekly,
        holidays=frozenset(
            day
            for day in public_holidays(calendar.country, calendar.subdivision, year_from, year_to)
            if weekly[day.weekday()]
        ),
        exceptions=_exceptions(calendar, year_from, year_to),
    )


def read_frames(calendars: Iterable[BusinessCalendar]) -> None:
    """Frames and exceptions of these calendars, read along as if prefetched. One query, none for none."""
    known = {calendar.pk: calendar for calendar in calendars}
    if not known:
        return
    no_day, no_date = Value(None, SmallIntegerField()), Value(None, DateField())
    frames = CalendarFrame.objects.filter(calendar__in=known).order_by()
    exceptions = CalendarException.objects.filter(calendar__in=known).order_by()
    rows: Any = frames.values_list("calendar_id", "weekday", no_date, "opens", "closes", Value("")).union(
        exceptions.values_list("calendar_id", no_day, "date", "opens", "closes", "reason"), all=True
    )
    open_on: dict[int, list[CalendarFrame]] = {key: [] for key in known}
    differ: dict[int, list[CalendarException]] = {key: [] for key in known}
    for calendar, weekday, day, opens, closes, reason in rows:
        times = {"calendar_id": calendar, "opens": opens, "closes": closes}
        if day is None:
            open_on[calendar].append(CalendarFrame(weekday=weekday, **times))
        else:
            differ[calendar].append(CalendarException(date=day, reason=reason, **times))
    for key, calendar in known.items():
        remember(calendar, "frames", sorted(open_on[key], key=lambda each: (each.weekday, each.opens)))
        remember(calendar, "exceptions", sorted(differ[key], key=_in_time))


def _in_time(exception: CalendarException) -> tuple[date, bool, int]:
    """The order of the table: closed days after the frames of the same date."""
    return exception.date, exception.opens is None, exception.opens or 0


@lru_cache(maxsize=256)
def public_holidays(country: str, subdivision: str, year_from: int, year_to: int) -> Mapping[date, str]:
    """Public holidays by local date with their names; empty for no country and for one that is not known."""
    if not country:
        return {}
    try:
        # a year more on both sides: observed days may fall into the neighbour
        found = holidays.country_holidays(
            country, subdiv=subdivision or None, years=range(year_from - 1, year_to + 2)
        )
    except NotImplementedError:
        # opening an incident must not fail on this; the admin refuses such a calendar
        _log.warning("No public holidays are known for %s %s.", country, subdivision)
        return {}
    return {day: name for day, name in sorted(found.items()) if year_from <= day.year <= year_to}


@lru_cache(maxsize=256)
def to_json(hours: BusinessHours) -> dict[str, Any]:
    """Opening hours for a JSON column, small: times in seconds of the local day, holidays as MMDD by year.

    The same value for the same hours: not to be changed.
    """
    if hours == BusinessHours.always():
        return {"always": True}
    stamped: dict[str, Any] = {"zone": hours.zone, "week": [_pairs(frames) for frames in hours.weekly]}
    if hours.holidays:
        by_year: dict[str, list[str]] = defaultdict(list)
        for day in sorted(hours.holidays):
            by_year[str(day.year)].append(f"{day.month:02d}{day.day:02d}")
        stamped["holidays"] = {year: " ".join(days) for year, days in by_year.items()}
    if hours.exceptions:
        stamped["exceptions"] = {day.isoformat(): _pairs(frames) for day, frames in hours.exceptions}
    return stamped


def from_json(stamped: Mapping[str, Any]) -> BusinessHours:
    """What `to_json` wrote; the same value for the same hours, with what it has worked out already. Raises KeyError or
    ValueError for anything else."""
    if stamped.get("always"):
        return _ALWAYS
    return _read(json.dumps(stamped, sort_keys=True))


@lru_cache(maxsize=512)
def from_text(stamped: str) -> BusinessHours:
    """The same of the column's text. Raises as `from_json` does."""
    return from_json(json.loads(stamped))


@lru_cache(maxsize=512)
def _read(text: str) -> BusinessHours:
    stamped = json.loads(text)
    return BusinessHours(
        zone=stamped["zone"],
        weekly=tuple(_frames(pairs) for pairs in stamped["week"]),
        holidays=frozenset(
            date(int(year), int(day[:2]), int(day[2:]))
            for year, days in stamped.get("holidays", {}).items()
            for day in days.split()
        ),
        exceptions=tuple(
            (date.fromisoformat(day), _frames(pairs)) for day, pairs in stamped.get("exceptions", {}).items()
        ),
    )


def _weekly(calendar: BusinessCalendar) -> tuple[DayFrames, ...]:
    week: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for frame in calendar.frames.all():
        week[frame.weekday].append((frame.opens * 60, frame.closes * 60))
    return tuple(_merged(frames) for frames in week)


def _exceptions(
    calendar: BusinessCalendar, year_from: int, year_to: int
) -> tuple[tuple[date, DayFrames], ...]:
    days: dict[date, list[tuple[int, int]]] = {}
    for exception in calendar.exceptions.all():
        if not year_from <= exception.date.year <= year_to:
            continue
        frames = days.setdefault(exception.date, [])
        if exception.opens is not None and exception.closes is not None:
            frames.append((exception.opens * 60, exception.closes * 60))
    return tuple((day, _merged(frames)) for day, frames in sorted(days.items()))


def _merged(frames: Iterable[tuple[int, int]]) -> DayFrames:
    """Frames in order, those that overlap or touch as one."""
    merged: list[tuple[int, int]] = []
    for opens, closes in sorted(frames):
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], closes))
        else:
            merged.append((opens, closes))
    return tuple(merged)


def _pairs(frames: DayFrames) -> list[list[int]]:
    return [[opens, closes] for opens, closes in frames]


def _frames(pairs: Iterable[Iterable[int]]) -> DayFrames:
    return tuple((opens, closes) for opens, closes in pairs)
