"""PagerDuty: its schedules with their layers, as its API gives them. The API lists the layer that wins first."""

import re
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
    rows,
    wall_of,
    windows_of,
)
from rotas.domain.patterns import PlannedLayer

_UNITS: Final = ((WEEK, Unit.WEEKLY), (DAY, Unit.DAILY), (3600, Unit.HOURLY))
_CLOCK: Final = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?Z?$")


def read(data: Any, people: Mapping[str, int]) -> list[Found]:
    """The schedules of an export. Their users carry an e-mail, or stand in a list `users` beside the schedules. Raises Invalid
    where it isn't one."""
    users = rows(data.get("users"), "users") if isinstance(data, dict) else []
    emails = {each.text("id", ""): each.text("email", "") for each in users}
    return [_schedule(row, people, emails) for row in listed(data, "schedules")]


def _schedule(row: Row, by_email: Mapping[str, int], emails: Mapping[str, str]) -> Found:
    zone, people, notes = row.zone("time_zone"), People(by_email), list[str]()
    listed_layers = row.rows("schedule_layers")
    layers = []
    for place, each in enumerate(listed_layers):
        layer = _layer(each, zone, len(listed_layers) - place, people=people, emails=emails, notes=notes)
        if layer is not None:
            layers.append(layer)
    entries = row.rows("overrides")
    if row.values.get("overrides_subschedule") is not None:
        entries += row.row("overrides_subschedule").rows("rendered_schedule_entries")
    overrides = tuple(
        FoundOverride(
            each.some_instant("start", zone),
            each.some_instant("end", zone),
            _person(each.row("user"), people, emails),
        )
        for each in entries
    )
    name = row.text("name", "") or row.text("summary")
    return finished(Found(name, zone, tuple(layers), overrides, people.found(), tuple(notes)))


def _layer(
    row: Row, zone: str, priority: int, *, people: People, emails: Mapping[str, str], notes: list[str]
) -> PlannedLayer | None:
    name = row.text("name", "")[:80] or f"Layer {priority}"
    length = row.number("rotation_turn_length_seconds")
    unit = next(((each, unit) for each, unit in _UNITS if length > 0 and length % each == 0), None)
    if unit is None:
        notes.append(f"{name}: turns of {length} seconds are no whole hours, so it is left out.")
        return None
    start = row.some_instant("rotation_virtual_start", zone)
    windows = windows_of(span for each in row.rows("restrictions") for span in _spans(each))
    return PlannedLayer(
        name=name,
        zone=zone,
        anchor=wall_of(start, zone),
        turns=tuple(_person(each.row("user"), people, emails) for each in row.rows("users")),
        priority=priority,
        unit=unit[1],
        length=length // unit[0],
        count_closed=bool(windows),
        windows=windows,
        starts_at=row.instant("start", zone),
        ends_at=row.instant("end", zone),
    )


def _person(row: Row, people: People, emails: Mapping[str, str]) -> tuple[int, ...]:
    key = row.text("id", "")
    email = row.text("email", "") or emails.get(key, "")
    return people.find(email, row.text("summary", "") or row.text("name", "") or key)


def _spans(row: Row) -> list[tuple[int, int]]:
    clock = _CLOCK.match(row.text("start_time_of_day"))
    if clock is None:
        raise row.wrong("start_time_of_day", "a time such as 08:00:00")
    hour, minute, second = (int(each or 0) for each in clock.groups())
    start, length = hour * 3600 + minute * 60 + second, row.number("duration_seconds")
    if not 1 <= length <= WEEK:
        raise row.wrong("duration_seconds", "from 1 to 604800")
    kind = row.text("type", "daily_restriction")
    if kind == "daily_restriction":
        return [(day * DAY + start, min(length, DAY)) for day in range(7)]
    if kind != "weekly_restriction":
        raise row.wrong("type", "daily_restriction or weekly_restriction")
    day = row.number("start_day_of_week")
    if not 1 <= day <= 7:
        raise row.wrong("start_day_of_week", "from 1 (Monday) to 7")
    return [((day - 1) * DAY + start, length)]
