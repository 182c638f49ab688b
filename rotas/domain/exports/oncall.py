"""Grafana OnCall: what its API gives under /schedules, /on_call_shifts and /users, put into one file under those names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from rotas.choices import Unit
from rotas.domain.exports.shape import (
    DAY,
    WEEK,
    Found,
    FoundOverride,
    People,
    Row,
    finished,
    listed,
    wall_of,
    windows_of,
)
from rotas.domain.patterns import PlannedLayer, PlannedWindow

_LENGTHS: Final = {"hourly": 3600, "daily": DAY, "weekly": WEEK}
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_ONCE: Final = ("single_event", "override")
_REPEATED: Final = ("rolling_users", "recurrent_event")


@dataclass(frozen=True, slots=True)
class _Book:
    """What shifts are looked up in: e-mails by the users' ids, shifts by theirs."""

    emails: Mapping[str, str]
    shifts: Mapping[str, Row]


def read(data: Any, people: Mapping[str, int]) -> list[Found]:
    """The schedules of an export with the shifts that they name. Raises Invalid where it isn't one."""
    data = data if isinstance(data, dict) else {"schedules": data}
    users = listed({"users": data.get("users")}, "users")
    shifts = listed({"on_call_shifts": data.get("on_call_shifts")}, "on_call_shifts")
    book = _Book(
        {each.text("id", ""): each.text("email", "") for each in users},
        {each.text("id"): each for each in shifts},
    )
    return [_schedule(row, people, book) for row in listed({"schedules": data.get("schedules")}, "schedules")]


def _schedule(row: Row, by_email: Mapping[str, int], book: _Book) -> Found:
    zone, people, notes = row.zone("time_zone", "UTC"), People(by_email), list[str]()
    if row.values.get("ical_url_primary"):
        notes.append("It is read from an iCal address there: import that calendar with import_shifts.")
    layers: list[PlannedLayer] = []
    overrides: list[FoundOverride] = []
    for key in _texts(row, "shifts"):
        shift = book.shifts.get(key)
        if shift is None:
            notes.append(f"The shift {key} is not in the file.")
        elif shift.text("type") in _ONCE:
            overrides.append(_single(shift, zone, people, book))
        elif shift.text("type") in _REPEATED:
            layer = _layer(shift, zone, people, book, notes)
            layers += [layer] if layer is not None else []
        else:
            raise shift.wrong("type", "rolling_users, recurrent_event, single_event or override")
    return finished(
        Found(row.text("name"), zone, tuple(layers), tuple(overrides), people.found(), tuple(notes))
    )


def _single(row: Row, zone: str, people: People, book: _Book) -> FoundOverride:
    zone = _zone(row, zone)
    start = row.some_instant("start", zone)
    users = [key for group in _groups(row) for key in group]
    return FoundOverride(start, start + timedelta(seconds=_duration(row)), _people(users, people, book))


def _layer(row: Row, zone: str, people: People, book: _Book, notes: list[str]) -> PlannedLayer | None:
    zone, name = _zone(row, zone), row.text("name", "")[:80] or row.text("id")[:80]
    start = row.some_instant("start", zone)
    rhythm = _rhythm(row, wall_of(start, zone))
    if rhythm is None:
        notes.append(f"{name}: its rhythm ({_said(row)}) can't be planned here, so it is left out.")
        return None
    groups = _groups(row)
    first = row.number("start_rotation_from_user_index", 0)
    if groups and 0 <= first < len(groups):
        groups = [*groups[first:], *groups[:first]]
    windows = rhythm.windows
    return PlannedLayer(
        name=name,
        zone=zone,
        anchor=rhythm.anchor,
        turns=tuple(_people(group, people, book) for group in groups),
        priority=min(max(row.number("priority_level", row.number("level", 0)), 0), 32_000),
        unit=rhythm.unit,
        length=rhythm.length,
        count_closed=bool(windows),
        every_other=rhythm.every_other,
        windows=windows,
        starts_at=row.instant("rotation_start", zone) or start,
        ends_at=row.instant("until", zone),
    )


@dataclass(frozen=True, slots=True)
class _Rhythm:
    unit: Unit
    length: int
    anchor: datetime
    windows: tuple[PlannedWindow, ...] = ()
    every_other: bool = False


def _rhythm(row: Row, start: datetime) -> _Rhythm | None:
    """How a repeated shift turns and when it is on; None for what layers can't say. `start` is on its wall clock."""
    frequency, interval, duration = row.text("frequency", ""), row.number("interval", 1), _duration(row)
    step = _LENGTHS.get(frequency)
    if (
        step is None
        or not 1 <= interval <= 366
        or row.values.get("by_month")
        or row.values.get("by_monthday")
    ):
        return None
    days = _by_day(row)
    if not days and duration >= step * interval:
        # it lasts until its next one begins
        return _Rhythm(Unit(frequency), interval, start) if duration == step * interval else None
    if frequency == "hourly" or interval > 2 or duration > step:
        return None
    if days:
        return _weekdays(row, interval == 2, start, duration, days) if frequency == "weekly" else None
    return _within(frequency, interval == 2, start, duration)


def _within(frequency: str, every_other: bool, start: datetime, duration: int) -> _Rhythm:
    """A rhythm of days or weeks, on for a part of each."""
    clock = start.hour * 3600 + start.minute * 60 + start.second
    if frequency == "daily":
        windows = windows_of((day * DAY + clock, duration) for day in range(7))
        return _Rhythm(Unit.DAILY, 1, start, windows, every_other)
    windows = windows_of([(start.weekday() * DAY + clock, duration)])
    return _Rhythm(Unit.WEEKLY, 1, start, windows, every_other)


def _weekdays(row: Row, every_other: bool, start: datetime, duration: int, days: list[int]) -> _Rhythm | None:
    """A rhythm of weeks, on for at most a day from the same hour of some weekdays.

    Turns change with the week, at the hour at which shifts begin: a night over the week's end stays with its people.
    """
    if duration > DAY:
        return None
    first = row.text("week_start", "") or "MO"
    if first not in _DAYS:
        raise row.wrong("week_start", "a day from MO to SU")
    anchor = start - timedelta(days=(start.weekday() - _DAYS.index(first)) % 7)
    clock = start.hour * 3600 + start.minute * 60 + start.second
    windows = windows_of((day * DAY + clock, duration) for day in days)
    return _Rhythm(Unit.WEEKLY, 1, anchor, windows, every_other)


def _zone(row: Row, zone: str) -> str:
    return row.zone("time_zone", zone)


def _duration(row: Row) -> int:
    duration = row.number("duration")
    if not 1 <= duration <= 366 * DAY:
        raise row.wrong("duration", "from one second to a year, in seconds")
    return duration


def _by_day(row: Row) -> list[int]:
    days = [each.upper() for each in _texts(row, "by_day")]
    if not set(days) <= set(_DAYS):
        raise row.wrong("by_day", "a list of days from MO to SU")
    return sorted({_DAYS.index(each) for each in days})


def _groups(row: Row) -> list[list[str]]:
    """The users' ids of each turn; all of one that doesn't roll are on together."""
    if row.text("type") != "rolling_users":
        return [_texts(row, "users")]
    groups = row.values.get("rolling_users")
    if not isinstance(groups, list):
        raise row.wrong("rolling_users", "a list of lists of ids")
    return [
        _texts(Row({str(number): group}, f"{row.place}.rolling_users"), str(number))
        for number, group in enumerate(groups)
    ]


def _people(ids: list[str], people: People, book: _Book) -> tuple[int, ...]:
    keys = (key for each in ids for key in people.find(book.emails.get(each, ""), each))
    return tuple(dict.fromkeys(keys))


def _texts(row: Row, key: str) -> list[str]:
    value = row.values.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value) or len(value) > 5_000:
        raise row.wrong(key, "a list of texts")
    return value


def _said(row: Row) -> str:
    return f"{row.text('frequency', 'no frequency')}, every {row.number('interval', 1)}, {_duration(row)} seconds"
