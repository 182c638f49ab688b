"""One person on call in two places at once: seats of several rotas laid over one another. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Seat:
    """From `start` to `end` (half-open) a person is on call of a rota; both are keys. Who is in training has none."""

    person: int
    rota: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Overlap:
    """From `start` to `end` (half-open) a person is on call of both rotas, the lower key first."""

    person: int
    rotas: tuple[int, int]
    start: datetime
    end: datetime


def in_two_places(seats: Iterable[Seat]) -> list[Overlap]:
    """Where a person has seats on two rotas at once, soonest first; what goes on without a break is one."""
    ordered = sorted(seats, key=lambda seat: (seat.person, seat.start, seat.end, seat.rota))
    found = []
    for _person, theirs in groupby(ordered, key=lambda seat: seat.person):
        found += _joined(_of_one(theirs))
    return sorted(found, key=lambda each: (each.start, each.person, each.rotas))


def _of_one(seats: Iterable[Seat]) -> Iterable[Overlap]:
    """The overlaps of one person, whose seats come in the order of their starts."""
    here: list[Seat] = []
    for seat in seats:
        here = [each for each in here if each.end > seat.start]
        for other in here:
            if other.rota != seat.rota:
                low, high = sorted((seat.rota, other.rota))
                yield Overlap(seat.person, (low, high), seat.start, min(seat.end, other.end))
        here.append(seat)


def _joined(overlaps: Iterable[Overlap]) -> list[Overlap]:
    """Of the same two rotas, those that touch or overlap are one."""
    last: dict[tuple[int, int], int] = {}
    found: list[Overlap] = []
    for each in sorted(overlaps, key=lambda overlap: (overlap.start, overlap.end)):
        at = last.get(each.rotas)
        if at is not None and found[at].end >= each.start:
            found[at] = replace(found[at], end=max(found[at].end, each.end))
            continue
        last[each.rotas] = len(found)
        found.append(each)
    return found
