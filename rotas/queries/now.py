"""The strip of the sites: who is on shift where, who comes next, and to whom it goes.

A site is on shift while somebody who works there is on call of an L1 or L2 rota. Stretches without a break
are one shift, whoever's turn it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from django.db.models import QuerySet

from accounts.models import Site, User
from core.compiled import compiled
from core.types import Words
from core.zones import to_local
from rotas.choices import Level
from rotas.models import Rota
from rotas.queries.cover import is_up_to_date, written_of
from rotas.queries.oncall import Cover, Plan, active_rotas, covers, plans
from rotas.rules import can_be_on_call

LEVELS: Final = (Level.L2, Level.L1)
BACK: Final = timedelta(days=2)
AHEAD: Final = timedelta(days=4)

State = Literal["on", "next", "off"]


@dataclass(frozen=True, slots=True)
class Crew:
    """The people of one level, in the order of calling: on call now, or at the start of the next shift."""

    level: Words
    users: tuple[User, ...]


@dataclass(frozen=True, slots=True)
class SiteShift:
    """One site of the strip.

    `state` is "on" (on shift), "next" (takes over next) or "off". `start` and `end` (UTC) are those of the
    present shift, else of the next; None where there is none, or where no end is in sight. `to_site` takes
    over at `end`; None with `end` set is a gap. `done` is the part of the shift that is past, in percent.
    """

    site: Site
    state: State
    crews: tuple[Crew, ...]
    start: datetime | None
    end: datetime | None
    to_site: Site | None
    done: float
    local: datetime


class _Piece(NamedTuple):
    start: datetime
    end: datetime
    users: tuple[User, ...]


class _Shift(NamedTuple):
    start: datetime
    end: datetime
    pieces: list[_Piece]

    def users(self, at: datetime) -> tuple[User, ...]:
        """Everybody on at an instant, each once."""
        found = {
            user.pk: user for piece in self.pieces if piece.start <= at < piece.end for user in piece.users
        }
        return tuple(found.values())


_Shifts = dict[tuple[int, str], list[_Shift]]


def site_shifts(
    at: datetime, read: Iterable[Plan] | None = None, *, rotas: Iterable[Rota] | None = None
) -> list[SiteShift]:
    """Every site at an instant, in the order of the operations room. Four queries where the cover is written down, else at
    most six, however many rotas; one fewer for `rotas`, all those in use, where the caller has read them.

    `read` are plans of all rotas in use, where the caller has them for at least `BACK` and `AHEAD`: then one.
    """
    sites = _sites()
    start, end = at - BACK, at + AHEAD
    shifts = _shifts(
        _schedules(active_rotas() if rotas is None else rotas, start, end)
        if read is None
        else [(plan.rota, covers(plan, start, end)) for plan in read]
    )
    found = [_site(site, shifts, sites, at) for site in sites]
    coming = [each for each in found if each.state == "off" and each.start is not None]
    first = min(coming, key=lambda each: each.start or at, default=None)
    return [replace(each, state="next") if each is first else each for each in found]


@compiled
def _sites() -> QuerySet[Site]:
    return Site.objects.order_by("position", "name")


def _schedules(in_use: Iterable[Rota], start: datetime, end: datetime) -> list[tuple[Rota, list[Cover]]]:
    """The schedule of each rota of L1 and L2: as it is written down where that is up to date, else worked out here and now."""
    rotas = [rota for rota in in_use if rota.level in LEVELS]
    if all(is_up_to_date(rota, end) for rota in rotas):
        written = written_of(rotas, start, end)
        found = [(rota, written.get(rota.pk, [])) for rota in rotas]
        # who has just left is no verb of a rota, and nobody to be called
        if all(can_be_on_call(user) for _rota, row in found for cover in row for user in cover.users):
            return found
    return [(plan.rota, covers(plan, start, end)) for plan in plans(rotas, start, end)]


def _shifts(schedules: Iterable[tuple[Rota, list[Cover]]]) -> _Shifts:
    pieces: dict[tuple[int, str], list[_Piece]] = defaultdict(list)
    for rota, row in schedules:
        if rota.level not in LEVELS:
            continue
        for cover in row:
            by_site: dict[int, list[User]] = defaultdict(list)
            for user in cover.users:
                if user.site_id is not None:
                    by_site[user.site_id].append(user)
            for site_id, users in by_site.items():
                pieces[site_id, rota.level].append(_Piece(cover.start, cover.end, tuple(users)))
    return {key: list(_joined(sorted(row, key=lambda piece: piece[:2]))) for key, row in pieces.items()}


def _joined(pieces: Iterable[_Piece]) -> Iterator[_Shift]:
    shift: _Shift | None = None
    for piece in pieces:
        if shift is not None and piece.start <= shift.end:
            shift.pieces.append(piece)
            shift = shift._replace(end=max(shift.end, piece.end))
            continue
        if shift is not None:
            yield shift
        shift = _Shift(piece.start, piece.end, [piece])
    if shift is not None:
        yield shift


def _site(site: Site, shifts: _Shifts, sites: list[Site], at: datetime) -> SiteShift:
    chosen = {level: _chosen(shifts.get((site.pk, level), []), at) for level in LEVELS}
    on = {level: shift for level, shift in chosen.items() if shift is not None and shift.start <= at}
    leading = _leading(on or chosen)
    local = to_local(at, site.zone)
    if leading is None:
        return SiteShift(site, "off", (), None, None, None, 0.0, local)
    level, shift = leading
    crews = []
    for each, other in chosen.items():
        # the crew that goes with this shift: now, or when it begins
        users = other.users(max(at, shift.start)) if other is not None else ()
        if users:
            crews.append(Crew(Level(each).label, users))
    end = shift.end if shift.end < at + AHEAD else None
    to_site = _takes_over(site, level, shifts, sites, end) if end is not None else None
    done = (at - shift.start) / (shift.end - shift.start) * 100 if on else 0.0
    return SiteShift(
        site, "on" if on else "off", tuple(crews), shift.start, end, to_site, round(done, 1), local
    )


def _chosen(shifts: Iterable[_Shift], at: datetime) -> _Shift | None:
    """The shift that an instant lies in, else the next one."""
    return next((shift for shift in shifts if at < shift.end), None)


def _leading(chosen: Mapping[Level, _Shift | None]) -> tuple[Level, _Shift] | None:
    """The level whose shift is drawn: L1's if there is one, else L2's."""
    for level in reversed(LEVELS):
        shift = chosen.get(level)
        if shift is not None:
            return level, shift
    return None


def _takes_over(site: Site, level: Level, shifts: _Shifts, sites: list[Site], end: datetime) -> Site | None:
    for other in sites:
        rows = shifts.get((other.pk, level), [])
        if other.pk != site.pk and any(shift.start <= end < shift.end for shift in rows):
            return other
    return None
