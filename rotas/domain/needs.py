"""How many have to be on call when, and where they are not. Pure: shifts, needs, skills and absences in, shortages out."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Final

from core.hours import BusinessHours
from core.timelines import Timeline, reaching
from core.zones import from_seconds, seconds
from rotas.domain.grid import window_frames
from rotas.types import Shift, Stretch, Window


@dataclass(frozen=True, slots=True)
class Need:
    """At these weekly hours (in `zone`) at least so many must be on call; with a `skill`, so many who have it."""

    people: int
    zone: str
    window: Window
    skill: int | None = None


@dataclass(frozen=True, slots=True)
class Shortage:
    """From `start` to `end` (UTC) fewer are there than are needed.

    `on_call` is who is on call, `away` those of them who are on leave and so don't count; `have` how many do.
    """

    start: datetime
    end: datetime
    wanted: int
    have: int
    on_call: tuple[int, ...]
    away: tuple[int, ...] = ()
    skill: int | None = None

    @property
    def is_gap(self) -> bool:
        """Whether nobody at all is there."""
        return self.have == 0


_DAILY: Final = Window(frozenset(range(7)), datetime.min.time(), datetime.min.time())
Leaves = Mapping[int, Sequence[Stretch]]
Skilled = Mapping[int, Collection[int]]


def always(zone: str) -> Need:
    """One person, around the clock: what is needed of a rota that says nothing."""
    return Need(1, zone, _DAILY)


def shortages(
    shifts: Sequence[Shift],
    needs: Iterable[Need],
    *,
    leaves: Leaves | None = None,
    skilled: Skilled | None = None,
) -> list[Shortage]:
    """Where the shifts, which tile some time, leave a need unmet; in order.

    `leaves` are a person's absences, sorted and disjoint; `skilled` who has which skill. Neighbours that are the same
    but for whose shift it is are told apart, as another person has to be asked.
    """
    if not shifts:
        return []
    cut = list(_with_leaves(shifts, leaves or {}))
    found = [short for need in needs for short in _short(cut, need, skilled or {})]
    return sorted(found, key=lambda each: (each.start, each.end, each.skill or 0))


def _with_leaves(
    shifts: Sequence[Shift], leaves: Leaves
) -> Iterator[tuple[datetime, datetime, tuple[int, ...], tuple[int, ...]]]:
    """The shifts, cut where somebody's leave begins or ends: start, end, who is on call, who of them is away."""
    for shift in shifts:
        within = {
            person: [each for each in leaves[person] if each[0] < shift.end and each[1] > shift.start]
            for person in shift.people
            if person in leaves
        }
        edges = {shift.start, shift.end}
        for stretches in within.values():
            edges.update(at for stretch in stretches for at in stretch if shift.start < at < shift.end)
        cuts = sorted(edges)
        for start, end in pairwise(cuts):
            away = tuple(
                person
                for person, stretches in within.items()
                if any(low <= start < high for low, high in stretches)
            )
            yield start, end, shift.people, away


def _short(
    cut: Sequence[tuple[datetime, datetime, tuple[int, ...], tuple[int, ...]]], need: Need, skilled: Skilled
) -> Iterator[Shortage]:
    able = None if need.skill is None else skilled.get(need.skill, ())
    last: Shortage | None = None
    for start, end, people, away in cut:
        have = sum(person not in away and (able is None or person in able) for person in people)
        if have >= need.people:
            continue
        for low, high in _frames(need, start, end):
            short = Shortage(low, high, need.people, have, people, away, need.skill)
            if last is not None and _goes_on(last, short):
                last = Shortage(last.start, high, need.people, have, people, away, need.skill)
                continue
            if last is not None:
                yield last
            last = short
    if last is not None:
        yield last


def _goes_on(last: Shortage, short: Shortage) -> bool:
    return last.end == short.start and (last.have, last.on_call, last.away) == (
        short.have, short.on_call, short.away,
    )  # fmt: skip


def _frames(need: Need, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The parts of `[start, end)` in which the need holds."""
    timeline = _timeline(need.zone, need.window)
    first, last = seconds(start), seconds(end)
    for low, high in reaching(timeline, first, last).frames(first, last):
        yield from_seconds(low), from_seconds(high)


@lru_cache(maxsize=512)
def _timeline(zone: str, window: Window) -> Timeline:
    return BusinessHours(zone, window_frames((window,))).timeline
