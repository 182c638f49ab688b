"""Opsgenie: its schedules with their rotations, as its API and its export give them."""

from collections.abc import Mapping
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

_UNITS: Final = {"hourly": Unit.HOURLY, "daily": Unit.DAILY, "weekly": Unit.WEEKLY}
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read(data: Any, people: Mapping[str, int]) -> list[Found]:
    """The schedules of an export. Raises Invalid where it isn't one."""
    return [_schedule(row, people) for row in listed(data, "schedules")]


def _schedule(row: Row, by_email: Mapping[str, int]) -> Found:
    zone, people, notes = row.zone("timezone"), People(by_email), list[str]()
    rotations = row.rows("rotations")
    if row.values.get("enabled") is False:
        notes.append("It is switched off there.")
    # Opsgenie knows no order among rotations, so the first of them comes first
    layers = tuple(
        _layer(each, zone, number, people, notes) for number, each in enumerate(rotations, start=1)
    )
    overrides = tuple(_override(each, zone, people, notes) for each in row.rows("overrides"))
    return finished(Found(row.text("name"), zone, layers, overrides, people.found(), tuple(notes)))


def _layer(row: Row, zone: str, number: int, people: People, notes: list[str]) -> PlannedLayer:
    name = row.text("name", "")[:80] or f"Rotation {number}"
    kind = row.text("type").lower()
    if kind not in _UNITS:
        raise row.wrong("type", "hourly, daily or weekly")
    start = row.some_instant("startDate", zone)
    windows = _windows(row)
    return PlannedLayer(
        name=name,
        zone=zone,
        anchor=wall_of(start, zone),
        turns=tuple(_turn(each, name, people, notes) for each in row.rows("participants")),
        unit=_UNITS[kind],
        length=row.number("length", 1),
        count_closed=bool(windows),
        windows=windows,
        starts_at=start,
        ends_at=row.instant("endDate", zone),
    )


def _turn(row: Row, name: str, people: People, notes: list[str]) -> tuple[int, ...]:
    kind = row.text("type", "user").lower()
    if kind == "user":
        return people.find(row.text("username", ""), row.text("id", ""))
    if kind != "none":
        what = row.text("name", "") or row.text("id", "")
        notes.append(f"{name}: the turn of the {kind} {what} is nobody's here.")
    return ()


def _windows(row: Row) -> tuple[PlannedWindow, ...]:
    if row.values.get("timeRestriction") is None:
        return ()
    limits = row.row("timeRestriction")
    kind = limits.text("type").lower()
    if kind == "time-of-day":
        start, end = _clock(limits.row("restriction"))
        return windows_of((day * DAY + start, (end - start) % DAY or DAY) for day in range(7))
    if kind != "weekday-and-time-of-day":
        raise limits.wrong("type", "time-of-day or weekday-and-time-of-day")
    spans = []
    for each in limits.rows("restrictions"):
        opens, closes = _clock(each)
        start, end = _weekday(each, "startDay") * DAY + opens, _weekday(each, "endDay") * DAY + closes
        spans.append((start, (end - start) % WEEK or WEEK))
    return windows_of(spans)


def _clock(row: Row) -> tuple[int, int]:
    """Start and end in seconds of the day."""
    ends = []
    for edge in ("start", "end"):
        hour, minute = row.number(f"{edge}Hour"), row.number(f"{edge}Min", 0)
        if not (0 <= hour <= 24 and 0 <= minute <= 59):
            raise row.wrong(f"{edge}Hour", "an hour from 0 to 24, with minutes from 0 to 59")
        ends.append(hour * 3600 + minute * 60)
    return ends[0], ends[1]


def _weekday(row: Row, key: str) -> int:
    day = row.text(key).lower()
    if day not in _WEEKDAYS:
        raise row.wrong(key, "a day from monday to sunday")
    return _WEEKDAYS.index(day)


def _override(row: Row, zone: str, people: People, notes: list[str]) -> FoundOverride:
    if row.values.get("rotations"):
        notes.append("An override of some rotations only takes over all of them here.")
    who = _turn(row.row("user"), "An override", people, notes)
    return FoundOverride(row.some_instant("startDate", zone), row.some_instant("endDate", zone), who)
