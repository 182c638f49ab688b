"""Targets in working days: the wall-clock time is kept, closed days are skipped."""

import re
from datetime import date, datetime
from typing import Final

from core.hours import BusinessHours
from core.timelines import NeverOpen, Pauses, Seconds, Timeline, merged, move, reaching
from core.zones import DAY, MAX_YEAR, MIN_YEAR, from_seconds, seconds, table

_SUFFIX: Final = re.compile("_end|_roll|_plus_hold")
_MODE: Final = re.compile(f"business_days(?:{_SUFFIX.pattern})*")
_ORDINAL_1970: Final = date(1970, 1, 1).toordinal()
_FIRST_DAY: Final = date(MIN_YEAR + 2, 1, 1).toordinal() - _ORDINAL_1970
_LAST_DAY: Final = date(MAX_YEAR - 2, 12, 31).toordinal() - _ORDINAL_1970


def add_business_days(
    hours: BusinessHours, start: datetime, days: int, mode: str = "business_days", pauses: Pauses = ()
) -> datetime:
    """The same wall-clock time `days` working days on, as a UTC instant.

    A working day is a local date with any opening hours; the start's own date doesn't count. Negative days go
    back; zero days is the start's date, or the next working day when that one is closed.

    `mode` is `business_days` with suffixes that apply in their order: `_end` moves to the end of that working
    day; `_roll` rolls into opening hours (forward to the next opening, for negative days back to the last
    closing; a closing itself counts as within); `_plus_hold` adds the business time of the pauses that begin
    before the target is due. Raises `NeverOpen`, and `ValueError` for another mode.
    """
    steps = _steps(mode)
    at = seconds(start)
    zone = table(hours.zone)
    day, second = divmod(zone.to_wall(at), DAY)
    due = zone.to_utc(_working_day(hours, day, days) * DAY + second)
    for step in steps:
        if step == "_end":
            due = _end_of_day(hours, due)
        elif step == "_roll":
            due = _rolled(hours.timeline, due, back=days < 0)
        else:
            due = _held(hours.timeline, at, due, merged(pauses))
    return from_seconds(due)


def _steps(mode: str) -> list[str]:
    if not _MODE.fullmatch(mode):
        raise ValueError(f"Unknown mode {mode!r}: it is business_days, then any of _end, _roll, _plus_hold.")
    return _SUFFIX.findall(mode)


def _working_day(hours: BusinessHours, day: int, days: int) -> int:
    """The day (counted from 1970) that lies `days` working days from `day`."""
    step = -1 if days < 0 else 1
    left = abs(days)
    if left == 0:
        left, day = 1, day - 1
    while left:
        day += step
        if not _FIRST_DAY <= day <= _LAST_DAY:
            raise NeverOpen(f"The calendar has not {days} working days within the years it knows.")
        left -= bool(hours.frames_on(date.fromordinal(_ORDINAL_1970 + day)))
    return day


def _end_of_day(hours: BusinessHours, due: int) -> int:
    zone = table(hours.zone)
    day = zone.to_wall(due) // DAY
    frames = hours.frames_on(date.fromordinal(_ORDINAL_1970 + day))
    return zone.to_utc(day * DAY + max(closing for _, closing in frames)) if frames else due


def _rolled(timeline: Timeline, due: int, *, back: bool) -> int:
    span = reaching(timeline, due, due)
    if span.first_open(due) == due:
        return due
    while back and (not span.opens or span.opens[0] > due):
        span = timeline.earlier(span)
    closing = span.earliest(span.position(due))
    return due if closing == due else closing if back and closing is not None else move(timeline, due, 0)


def _held(timeline: Timeline, start: int, due: int, pauses: list[Seconds]) -> int:
    for pause_start, pause_end in pauses:
        if pause_start >= due:
            break
        if pause_end > start:
            span = reaching(timeline, start, pause_end)
            held = span.position(pause_end) - span.position(max(pause_start, start))
            due = move(timeline, due, held) if held else due
    return due
