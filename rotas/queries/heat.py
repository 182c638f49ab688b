"""Coverage as a calendar of hours: a row a day, a cell an hour, each as well covered as its worst moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from django.utils.translation import gettext as _

from core.zones import to_local, to_utc
from rotas.queries.gaps import Covered, Short

Worst = Literal["ok", "short", "gap"]
HOURS: Final = 24
CELL: Final = 22
GAP: Final = 2
ROW: Final = 20


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour: where it is drawn, how it stands, and its words."""

    x: int
    css: str
    title: str


@dataclass(frozen=True, slots=True)
class Day:
    """One local day: its name, its hours (23 or 25 where clocks change), whether it is a day of rest."""

    day: date
    name: str
    y: int
    cells: tuple[Cell, ...]
    is_rest: bool


@dataclass(frozen=True, slots=True)
class Heat:
    """The calendar; `width` and `height` in pixels, `hours` the heads of its columns."""

    days: tuple[Day, ...]
    hours: tuple[tuple[int, str], ...]
    width: int
    height: int


def heat(covered: Sequence[Covered], first: date, days: int, zone: str) -> Heat:
    """How well rotas are covered together, hour by hour on a zone's clock: the worst of all counts."""
    shorts = sorted((short for each in covered for short in each.short), key=lambda short: short.start)
    drawn = tuple(_day(first + timedelta(days=n), n, zone, shorts) for n in range(days))
    most = max((len(day.cells) for day in drawn), default=HOURS)
    heads = tuple((hour * (CELL + GAP), f"{hour:02d}") for hour in range(0, HOURS, 3))
    return Heat(drawn, heads, most * (CELL + GAP), days * ROW)


def _day(day: date, number: int, zone: str, shorts: Sequence[Short]) -> Day:
    start = to_utc(datetime.combine(day, datetime.min.time()), zone)
    end = to_utc(datetime.combine(day + timedelta(days=1), datetime.min.time()), zone)
    here = [short for short in shorts if short.start < end and short.end > start]
    cells: list[Cell] = []
    at = start
    while at < end:
        until = min(at + timedelta(hours=1), end)
        cells.append(
            _cell(len(cells), at, zone, [each for each in here if each.start < until and each.end > at])
        )
        at = until
    name = f"{day:%a} {day.day} {day:%b}"
    return Day(day, name, number * ROW, tuple(cells), day.weekday() >= 5)


def _cell(number: int, at: datetime, zone: str, shorts: Sequence[Short]) -> Cell:
    local = to_local(at, zone)
    when = f"{local:%a} {local.day} {local:%b %H:%M}"
    if not shorts:
        return Cell(number * (CELL + GAP), "heat-ok", f"{when}: {_('covered')}")
    worst: Worst = "gap" if any(each.short.is_gap for each in shorts) else "short"
    said = "; ".join(
        dict.fromkeys(f"{each.rota.name} {each.short.have}/{each.short.wanted}" for each in shorts)
    )
    return Cell(number * (CELL + GAP), f"heat-{worst}", f"{when}: {said}")
