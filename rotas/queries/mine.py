"""A person's own shifts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from rotas.models import LayerMember, Override, Rota
from rotas.queries.oncall import active_rotas, covers, plans

AHEAD: Final = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class MyShift:
    """From `start` to `end` (UTC) this person is on call of `rota`, perhaps beside others."""

    rota: Rota
    start: datetime
    end: datetime
    is_now: bool
    others: tuple[User, ...]
    is_override: bool


def rotas_of(user: User, now: datetime) -> QuerySet[Rota]:
    """The rotas in use that name this person in a layer or in an override that is not over."""
    member = LayerMember.objects.filter(layer__rota=OuterRef("pk"), user=user)
    covers_somebody = Override.objects.filter(rota=OuterRef("pk"), user=user, ends_at__gt=now)
    holidays = Rota.holiday_people.through.objects.filter(rota=OuterRef("pk"), user=user)
    return active_rotas().filter(Q(Exists(member)) | Q(Exists(covers_somebody)) | Q(Exists(holidays)))


def shifts_of(user: User, now: datetime, *, limit: int = 8) -> list[MyShift]:
    """The present and the next shifts of a person within four weeks, soonest first."""
    found: list[MyShift] = []
    start, end = now - timedelta(days=2), now + AHEAD
    for plan in plans(rotas_of(user, now), start, end):
        for cover in covers(plan, start, end):
            if cover.end <= now or user not in cover.users:
                continue
            others = tuple(other for other in cover.users if other != user)
            is_now = cover.start <= now
            found.append(
                MyShift(plan.rota, cover.start, cover.end, is_now, others, cover.override_id is not None)
            )
    found.sort(key=lambda shift: (shift.start, shift.rota.pk))
    return found[:limit]


def on_call_until(user: User, now: datetime) -> datetime | None:
    """Until when this person is on call without a break, of whichever rota lasts longest; None when they are not."""
    ends = [shift.end for shift in shifts_of(user, now, limit=50) if shift.is_now]
    return max(ends, default=None)
