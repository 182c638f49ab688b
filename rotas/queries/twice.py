"""Who is on call of two rotas at once. It is a warning: whether that can be borne, people know.

A standby beside shift work is meant so (a major-incident manager who also works L2): it is no second place.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from rotas.domain.telling import span
from rotas.domain.twice import Overlap, Seat, in_two_places
from rotas.models import Cover, Override, Rota
from rotas.queries.gaps import Covered
from rotas.types import Shift


@dataclass(frozen=True, slots=True)
class Twice:
    """From `start` to `end` (UTC, half-open) somebody is on call of both rotas."""

    user: User
    rotas: tuple[Rota, Rota]
    start: datetime
    end: datetime

    @property
    def words(self) -> str:
        """It in words, on their own clock: "Amina is on call of L1 and L2 Wed 25 Nov 12:00 to 16:00 EAT"."""
        return _("%(user)s is on call of %(one)s and %(other)s %(when)s") % {
            "user": self.user,
            "one": self.rotas[0].name,
            "other": self.rotas[1].name,
            "when": span(self.start, self.end, self.user.zone),
        }


def twice_within(found: Sequence[Covered]) -> list[Twice]:
    """Among rotas that were read together (`queries.gaps.covered`), within their time. No queries."""
    seats = (seat for each in found for seat in seats_of(each.rota, each.shifts))
    people = {key: user for each in found for key, user in each.plan.people.items()}
    return _said(in_two_places(seats), people, {each.rota.pk: each.rota for each in found})


def twice_elsewhere(rota: Rota, seats: Sequence[Seat], people: Mapping[int, User]) -> list[Twice]:
    """Where these seats of a rota, which need not be stored, meet what is written down of its people elsewhere. One query, none
    for no seats."""
    if not seats:
        return []
    start, end = min(seat.start for seat in seats), max(seat.end for seat in seats)
    keys = {seat.person for seat in seats}
    rows = list(_others(rota).filter(user__in=keys, starts_at__lt=end, ends_at__gt=start))
    found = in_two_places([*seats, *map(_seat, rows)])
    rotas = {rota.pk: rota, **{row.rota_id: row.rota for row in rows}}
    return _said(found, people, rotas, beside=rota)


def twice_by(override: Override) -> list[Twice]:
    """Where an override puts somebody on call who is on call elsewhere. One query.

    Where they take somebody's place, they are on call while that one would be, as it is written down.
    """
    user = override.user
    if user is None:
        return []
    rows = Cover.objects.filter(
        Q(user=user, rota__is_active=True) & ~Q(rota=override.rota)
        | Q(user=override.replaces_id, rota=override.rota, user__isnull=False),
        starts_at__lt=override.ends_at,
        ends_at__gt=override.starts_at,
    ).select_related("rota")
    read = list(rows)
    whole = [(override.starts_at, override.ends_at)]
    if override.replaces_id is not None:
        whole = [
            (max(row.starts_at, override.starts_at), min(row.ends_at, override.ends_at))
            for row in read
            if row.rota_id == override.rota_id
        ]
    seats = [Seat(user.pk, override.rota_id, start, end) for start, end in whole]
    others = [row for row in read if row.rota_id != override.rota_id]
    rotas = {override.rota_id: override.rota, **{row.rota_id: row.rota for row in others}}
    return _said(in_two_places([*seats, *map(_seat, others)]), {user.pk: user}, rotas, beside=override.rota)


def seats_of(rota: Rota, shifts: Iterable[Shift]) -> list[Seat]:
    """The seats of a schedule."""
    return [Seat(key, rota.pk, shift.start, shift.end) for shift in shifts for key in shift.people]


def _others(rota: Rota) -> QuerySet[Cover]:
    return Cover.objects.filter(rota__is_active=True).exclude(rota=rota).select_related("rota")


def _seat(row: Cover) -> Seat:
    return Seat(row.user_id or 0, row.rota_id, row.starts_at, row.ends_at)


def _said(
    overlaps: Iterable[Overlap],
    people: Mapping[int, User],
    rotas: Mapping[int, Rota],
    *,
    beside: Rota | None = None,
) -> list[Twice]:
    return [
        Twice(people[each.person], (rotas[each.rotas[0]], rotas[each.rotas[1]]), each.start, each.end)
        for each in overlaps
        if (beside is None or beside.pk in each.rotas)
        and not any(rotas[key].is_standby for key in each.rotas)
    ]
