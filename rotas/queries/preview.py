"""A pattern that is not stored, looked at: its first four weeks drawn, and what it changes in ninety days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from accounts.models import User
from rotas.domain.coverage import coverage
from rotas.domain.difference import Change, Difference, difference
from rotas.domain.patterns import PlannedLayer, as_types
from rotas.domain.telling import span
from rotas.models import Rota
from rotas.queries.conflicts import leave_within
from rotas.queries.oncall import Cover, plans
from rotas.queries.twice import Twice, seats_of, twice_elsewhere
from rotas.queries.visible import callable_people
from rotas.queries.week import DrawnWeek, draw_weeks, monday_of
from rotas.types import Shift

DAYS: Final = timedelta(days=90)
WEEKS: Final = 4
SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Gain:
    """A person's hours on call before and after."""

    user: User
    before: timedelta
    after: timedelta

    @property
    def more(self) -> timedelta:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class SaidChange:
    """A change with the people themselves."""

    start: datetime
    end: datetime
    before: tuple[User, ...]
    after: tuple[User, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a lead looks at before the pattern is kept. Times in UTC; `weeks` are drawn in the rota's zone."""

    start: datetime
    end: datetime
    weeks: tuple[DrawnWeek, ...]
    gains: tuple[Gain, ...]
    changes: tuple[SaidChange, ...]
    more_changes: int
    opened: tuple[SaidChange, ...]
    closed: tuple[SaidChange, ...]
    open_time: timedelta
    absences: tuple[str, ...] = ()
    twice: tuple[Twice, ...] = ()

    @property
    def is_same(self) -> bool:
        return not self.changes


def preview(rota: Rota, layers: Sequence[PlannedLayer], starts_at: datetime, now: datetime) -> Preview:
    """The pattern from `starts_at` on beside what would be without it. Raises Invalid as `patterns.check` does."""
    planned = as_types(layers, starts_at)
    start, end = starts_at, starts_at + DAYS
    monday = monday_of(starts_at, rota.zone)
    plan = plans([rota], start - timedelta(days=8), end)[0]
    # what follows a pattern that begins later is that pattern's: it ends this one
    following = min(
        (each.starts_at for each in rota.versions.filter(undone_at__isnull=True, starts_at__gt=starts_at)),
        default=None,
    )
    until = min(end, following) if following else end
    before = plan.shifts(start, until)
    after = coverage(planned, plan.overrides, start, until)
    people = {**plan.people, **{user.pk: user for user in callable_people()}}
    found = difference(before, after)
    shown = coverage(planned, plan.overrides, start, start + timedelta(weeks=WEEKS))
    covers = [
        Cover(each.start, each.end, tuple(people[key] for key in each.people), each.layer, each.override)
        for each in shown
    ]
    drawn = said(found, people, (start, until), draw_weeks(covers, monday, WEEKS, rota.zone, now))
    return replace(
        drawn,
        absences=tuple(absences_in(after, people)),
        twice=tuple(twice_elsewhere(rota, seats_of(rota, after), people)),
    )


def absences_in(shifts: Sequence[Shift], people: dict[int, User]) -> Iterable[str]:
    """Where these stretches have people on call who are away. One query, none for no stretches."""
    keys = {key for shift in shifts for key in shift.people}
    if not shifts:
        return
    for leave in leave_within([people[key] for key in sorted(keys)], shifts[0].start, shifts[-1].end):
        meets = next(
            (
                each
                for each in shifts
                if leave.user_id in each.people and each.start < leave.ends_at and each.end > leave.starts_at
            ),
            None,
        )
        if meets is not None:
            when = span(max(meets.start, leave.starts_at), min(meets.end, leave.ends_at), leave.user.zone)
            yield _("%(user)s is on leave, and on call from %(when)s") % {"user": leave.user, "when": when}


def said(
    found: Difference, people: dict[int, User], span: tuple[datetime, datetime], weeks: Sequence[DrawnWeek]
) -> Preview:
    """A difference with the people themselves, of the time `span`. No queries."""
    gains = sorted(
        (Gain(people[key], was, will) for key, (was, will) in found.hours.items()),
        key=lambda gain: (-gain.more, gain.user.name),
    )

    def say(change: Change) -> SaidChange:
        return SaidChange(
            change.start,
            change.end,
            tuple(people[key] for key in change.before),
            tuple(people[key] for key in change.after),
        )

    return Preview(
        *span,
        tuple(weeks),
        tuple(gains),
        tuple(map(say, found.changes[:SHOWN])),
        max(len(found.changes) - SHOWN, 0),
        tuple(map(say, found.opened)),
        tuple(map(say, found.closed)),
        sum((each.end - each.start for each in found.opened), timedelta()),
    )
