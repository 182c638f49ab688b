"""What on-call time weighs on people: by part of the day, against rest, against their share. Pure.

Times with a zone are instants; parts of the day, days and weeks are those of the person's own clock.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Final, Literal

from core.intervals import Interval, union
from core.zones import to_local, to_utc

Part = Literal["day", "evening", "night", "weekend", "holiday"]
PARTS: Final[tuple[Part, ...]] = ("day", "evening", "night", "weekend", "holiday")
# What an hour weighs when loads are compared: an hour at night costs a person more than one at noon.
WEIGHTS: Final[Mapping[Part, float]] = {
    "day": 1.0, "evening": 1.25, "night": 2.0, "weekend": 1.5, "holiday": 2.0,
}  # fmt: skip
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """What is too much at a site, and when evening, night and day begin there (wall clock)."""

    min_rest: timedelta = timedelta(hours=11)
    max_days: int = 6
    max_week: timedelta = timedelta(hours=48)
    day_from: time = time(6)
    evening_from: time = time(18)
    night_from: time = time(22)

    def part_of(self, at: datetime) -> Part:
        """The part of the day that a wall-clock time lies in; days of rest aside."""
        clock = at.time()
        if clock < self.day_from or clock >= self.night_from:
            return "night"
        return "evening" if clock >= self.evening_from else "day"


@dataclass(frozen=True, slots=True)
class Hours:
    """A person's on-call time by part of the day. Each instant counts once, however many rotas it is of.

    A public holiday's hours are "holiday", a Saturday's and Sunday's "weekend", by day or by night.
    """

    parts: Mapping[Part, timedelta] = field(default_factory=dict)

    @property
    def total(self) -> timedelta:
        """All of it."""
        return sum(self.parts.values(), timedelta())

    @property
    def load(self) -> float:
        """Hours, each by its weight (`WEIGHTS`)."""
        return sum(length / _HOUR * WEIGHTS[part] for part, length in self.parts.items())

    def of(self, part: Part) -> timedelta:
        """Time of one part."""
        return self.parts.get(part, timedelta())


def hours(
    shifts: Iterable[Interval[datetime]], zone: str, limits: Limits, holidays: Collection[date] = ()
) -> Hours:
    """A person's shifts split by part of the day on the clock of `zone`."""
    total: dict[Part, timedelta] = {}
    for shift in union(shifts):
        for start, end, part in _parts(shift, zone, limits, holidays):
            total[part] = total.get(part, timedelta()) + (end - start)
    return Hours(total)


def is_asleep(at: datetime, zone: str, limits: Limits) -> bool:
    """Whether people at that zone sleep at an instant: from the beginning of night to that of day."""
    return limits.part_of(to_local(at, zone)) == "night"


def _parts(
    shift: Interval[datetime], zone: str, limits: Limits, holidays: Collection[date]
) -> Iterable[tuple[datetime, datetime, Part]]:
    at = shift.start
    while at < shift.end:
        local = to_local(at, zone)
        day = local.date()
        tomorrow = to_utc(datetime.combine(day + _DAY, time()), zone)
        if day in holidays or day.weekday() >= 5:
            part: Part = "holiday" if day in holidays else "weekend"
            until = tomorrow
        else:
            part = limits.part_of(local)
            edges = (to_utc(datetime.combine(day, edge), zone) for edge in _edges(limits))
            until = min((edge for edge in edges if edge > at), default=tomorrow)
        until = min(max(until, at + timedelta(seconds=1)), shift.end)
        yield at, until, part
        at = until


def _edges(limits: Limits) -> tuple[time, ...]:
    return limits.day_from, limits.evening_from, limits.night_from


@dataclass(frozen=True, slots=True)
class Strain:
    """Where somebody gets too little rest. `kind`: "rest", "days" or "week"; `much` is what there is, in hours or days,
    `limit` what is allowed."""

    kind: Literal["rest", "days", "week"]
    start: datetime
    end: datetime
    much: float
    limit: float


def strains(shifts: Iterable[Interval[datetime]], zone: str, limits: Limits) -> list[Strain]:
    """What a person's shifts break: rest between two, days in a row, hours in any seven days; in order.

    Shifts that touch are one. Any seven days: those that begin with a shift, so that the fullest is among them.
    """
    spells = union(shifts)
    found = [*_rest(spells, limits), *_days(spells, zone, limits), *_weeks(spells, limits)]
    return sorted(found, key=lambda strain: (strain.start, strain.kind))


def _rest(spells: Sequence[Interval[datetime]], limits: Limits) -> Iterable[Strain]:
    for before, after in pairwise(spells):
        rest = after.start - before.end
        if rest < limits.min_rest:
            yield Strain("rest", before.end, after.start, rest / _HOUR, limits.min_rest / _HOUR)


def _days(spells: Sequence[Interval[datetime]], zone: str, limits: Limits) -> Iterable[Strain]:
    days = sorted({day for spell in spells for day in _days_of(spell, zone)})
    run: list[date] = []
    for day in [*days, None]:
        if day is not None and (not run or day - run[-1] == _DAY):
            run.append(day)
            continue
        if len(run) > limits.max_days:
            start, end = (to_utc(datetime.combine(at, time()), zone) for at in (run[0], run[-1] + _DAY))
            yield Strain("days", start, end, len(run), limits.max_days)
        run = [day] if day is not None else []


def _days_of(spell: Interval[datetime], zone: str) -> Iterable[date]:
    """The local days on which a spell begins or goes on; the tail of a night that began the day before is its day's."""
    first = to_local(spell.start, zone).date()
    last = to_local(spell.end - timedelta(seconds=1), zone)
    until = last.date() if last.date() == first or last.hour >= 12 else last.date() - _DAY
    return [first + timedelta(days=n) for n in range((max(until, first) - first).days + 1)]


def _weeks(spells: Sequence[Interval[datetime]], limits: Limits) -> Iterable[Strain]:
    last: Strain | None = None
    for spell in spells:
        start, end = spell.start, spell.start + _WEEK
        much = sum(
            (
                min(each.end, end) - max(each.start, start)
                for each in spells
                if each.start < end and each.end > start
            ),
            timedelta(),
        )
        if much > limits.max_week and (last is None or start >= last.end):
            last = Strain("week", start, end, much / _HOUR, limits.max_week / _HOUR)
            yield last


@dataclass(frozen=True, slots=True)
class Standing:
    """One person of a rota: the load they carry, the load that is their share, both in weighted hours."""

    person: int
    load: float
    target: float

    @property
    def over(self) -> float:
        """How much more they carry than their share; negative where less."""
        return self.load - self.target


@dataclass(frozen=True, slots=True)
class Fairness:
    """How evenly a rota's load lies. `score` is 100 where everybody carries exactly their share, 0 where all of it lies on
    people who should carry none; None where there is nothing to share."""

    score: int | None
    standings: tuple[Standing, ...]


def fairness(loads: Mapping[int, float], shares: Mapping[int, float]) -> Fairness:
    """Loads against shares. With L the whole load and t = L · share / Σ share the target of each:
    score = 100 · (1 − Σ |load − t| / (2 · L)): the part of the load that lies where it should.
    """
    whole, all_shares = sum(loads.values()), sum(shares.values())
    people = sorted({*loads, *shares})
    standings = tuple(
        Standing(
            person,
            loads.get(person, 0.0),
            whole * shares.get(person, 0.0) / all_shares if all_shares else 0.0,
        )
        for person in people
    )
    if not whole or not all_shares:
        return Fairness(None, standings)
    apart = sum(abs(each.over) for each in standings)
    return Fairness(round(100 * (1 - apart / (2 * whole))), standings)
