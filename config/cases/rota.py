"""Cases of rotas: hand-over grids, shifts, windows, rotations under a weekday filter."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from core.calendars import BusinessHours, is_open
from core.zones import from_wall_seconds, to_local, to_utc
from rotas.domain.coverage import who
from rotas.domain.grid import grid_of, handoffs_around, turn_at, window_frames
from rotas.types import Layer, Turns, Unit, Window

Row = dict[str, Any]
Pair = tuple[Any, Any]

_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_CYCLE: Final = 24 * 60


def check(row: Row) -> Pair:
    """Expected and computed answer of one row. Raises `KeyError` for a kind it doesn't know."""
    return _KINDS[row["kind"]](row)


def _handoff_grid(row: Row) -> Pair:
    start, end = (to_utc(_wall(text), row["tz"]) for text in row["window_local"])
    layer = _layer(row["tz"], row["unit"], row.get("length", 1), _wall(row["anchor_local"]))
    return [_instant(text) for text in row["expect"]], handoffs_around(layer, start, end)


def _shift_end(row: Row) -> Pair:
    zone, start = row["tz"], _wall(row["start_local"])
    layer = _layer(zone, row["unit"], row.get("length", 1), start)
    grid = grid_of(layer)
    begin, end = to_utc(start, zone), to_utc(from_wall_seconds(grid.wall(1)), zone)
    expected: list[Any] = [_wall(row["expect_end_local"])]
    got: list[Any] = [to_local(end, zone)]
    if row.get("expect_hours") is not None:
        expected.append(float(row["expect_hours"]))
        got.append((end - begin) / timedelta(hours=1))
    return expected, got


def _wall_on_date(row: Row) -> Pair:
    wall = datetime.combine(date.fromisoformat(row["date"]), time.fromisoformat(row["wall"]))
    return _instant(row["expect"]), to_utc(wall, row["tz"], which=row.get("which", "first"))


def _window_active(row: Row) -> Pair:
    weekdays = frozenset((day - 1) % 7 for day in row["weekdays_sun0"])
    window = Window(weekdays, time.fromisoformat(row["start"]), time.fromisoformat(row["end"]))
    hours = BusinessHours(row["tz"], window_frames((window,)))
    return row["expect"], {at: is_open(hours, to_utc(_wall(at), row["tz"])) for at in row["expect"]}


def _byday_rotation(row: Row) -> Pair:
    start = date.fromisoformat(row["start"])
    unit: Unit = row["freq"]
    turns: Turns = "anchor" if unit in ("hourly", "daily") else "calendar"
    groups, people = [], 0
    for size in row["group_sizes"]:
        groups.append(tuple(range(people, people + size)))
        people += size
    windows: tuple[Window, ...] = ()
    if row.get("by_day"):
        weekdays = frozenset(_DAYS.index(day) for day in row["by_day"])
        windows = (Window(weekdays, time(0), time(0)),)
    layer = Layer(
        key=1,
        priority=0,
        zone=row.get("tz", "UTC"),
        unit=unit,
        length=row.get("interval", 1),
        anchor=datetime.combine(start, time(0)),
        turns=turns,
        groups=tuple(groups),
        windows=windows,
    )
    got = {}
    for day in (start + timedelta(days=n) for n in range(row["days"])):
        on = who([layer], [], to_utc(datetime.combine(day, time(12)), layer.zone)).people
        if on:
            got[day.isoformat()] = "".join(chr(ord("A") + person) for person in on)
    return row["expect"], got


def _month_end(row: Row) -> Pair:
    anchor = _wall(row["anchor"])
    grid = grid_of(_layer(row.get("tz", "UTC"), row.get("unit", "monthly"), row.get("length", 1), anchor))
    count = row.get("n", len(row["expect"]))
    return row["expect"], [from_wall_seconds(grid.wall(n)).date().isoformat() for n in range(count)]


def _event_span(row: Row) -> Pair:
    layer = _layer(row["tz"], row["unit"], row.get("length", 1), _wall(row["start_local"]))
    begin, end, _ = turn_at(layer, _instant(row["at"]))
    return [_instant(text) for text in row["expect"]], [begin, end]


def _follow_the_sun(row: Row) -> Pair:
    day = date.fromisoformat(row["date"])
    shifts = {}
    for zone, (opening, closing) in row["sites"].items():
        start = datetime.combine(day, time.fromisoformat(opening))
        end = datetime.combine(day, time.fromisoformat(closing))
        end += timedelta(days=1 if end <= start else 0)
        shifts[zone] = [to_utc(start, zone), to_utc(end, zone)]
    covered = [0] * _CYCLE
    midnight = datetime.combine(day, time(0), UTC)
    for begin, end in shifts.values():
        first, last = ((at - midnight) // timedelta(minutes=1) for at in (begin, end))
        for minute in range(first, last):
            # the cycle closes on itself: the same shifts come again the next day
            covered[minute % _CYCLE] += 1
    expected = {
        "shifts": {zone: [_instant(text) for text in pair] for zone, pair in row["expect_utc"].items()},
        "gap": row["expect_gap_minutes"],
        "overlap": row["expect_overlap_minutes"],
    }
    got = {"shifts": shifts, "gap": covered.count(0), "overlap": sum(count > 1 for count in covered)}
    return expected, got


def _layer(zone: str, unit: Unit, length: int, anchor: datetime) -> Layer:
    return Layer(1, 0, zone, unit, length, anchor, "anchor", ((1,), (2,), (3,)))


def _wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


_KINDS: Final[dict[str, Callable[[Row], Pair]]] = {
    "handoff_grid": _handoff_grid,
    "shift_end": _shift_end,
    "wall_on_date": _wall_on_date,
    "window_active": _window_active,
    "byday_rotation": _byday_rotation,
    "month_end": _month_end,
    "event_span": _event_span,
    "follow_the_sun": _follow_the_sun,
}
