"""What a change of plan changes: two schedules of the same time laid over one another. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rotas.types import Shift

People = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """From `start` to `end` these people instead of those; nobody is an empty tuple."""

    start: datetime
    end: datetime
    before: People
    after: People


@dataclass(frozen=True, slots=True)
class Difference:
    """All that changes between two schedules.

    `hours` holds, by person, the time before and after, for those whose time or whose stretches change. `opened` are gaps that
    are new, `closed` those that are filled.
    """

    changes: tuple[Change, ...]
    hours: dict[int, tuple[timedelta, timedelta]] = field(default_factory=dict)
    opened: tuple[Change, ...] = ()
    closed: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes)


def difference(before: Sequence[Shift], after: Sequence[Shift]) -> Difference:
    """What differs. Both schedules tile the same time. The order of calling counts as a difference too."""
    changes = tuple(_joined(_changed(before, after)))
    moved = {person for change in changes for person in {*change.before, *change.after}}
    was, will = time_of(before), time_of(after)
    nothing = timedelta()
    return Difference(
        changes,
        {person: (was.get(person, nothing), will.get(person, nothing)) for person in sorted(moved)},
        tuple(change for change in changes if change.before and not change.after),
        tuple(change for change in changes if change.after and not change.before),
    )


def time_of(shifts: Iterable[Shift]) -> dict[int, timedelta]:
    """How long each person is on call."""
    total: dict[int, timedelta] = {}
    for shift in shifts:
        for person in shift.people:
            total[person] = total.get(person, timedelta()) + (shift.end - shift.start)
    return total


def _changed(before: Sequence[Shift], after: Sequence[Shift]) -> Iterator[Change]:
    """The stretches in which the people differ, in order."""
    here = there = 0
    while here < len(before) and there < len(after):
        old, new = before[here], after[there]
        start, end = max(old.start, new.start), min(old.end, new.end)
        if start < end and old.people != new.people:
            yield Change(start, end, old.people, new.people)
        here += old.end == end
        there += new.end == end


def _joined(changes: Iterable[Change]) -> Iterator[Change]:
    """Neighbours that change the same are one."""
    last: Change | None = None
    for change in changes:
        if last is not None and (last.end, last.before, last.after) == (
            change.start,
            change.before,
            change.after,
        ):
            last = Change(last.start, change.end, last.before, last.after)
            continue
        if last is not None:
            yield last
        last = change
    if last is not None:
        yield last
