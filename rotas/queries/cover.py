"""Who was on call, and why: one look into the cover that is written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from accounts.queries.people import by_key
from core.compiled import Keys, compiled
from core.waiting import Waiting, due_of
from rotas.models import Cover, Rota
from rotas.queries import oncall


@dataclass(frozen=True, slots=True)
class Was:
    """Who was on call of a rota from `start` to `end` (UTC, half-open); no users: nobody. `why` says by what."""

    start: datetime
    end: datetime
    users: tuple[User, ...]
    why: str
    layer: int | None
    override: int | None
    version: int | None
    derived_at: datetime


def is_up_to_date(rota: Rota, end: datetime) -> bool:
    """Whether what is written down of a rota is what it would be worked out to be now, up to `end`: no verb has changed the
    rota since. Somebody who was deactivated meanwhile is in it for a quarter of an hour at most."""
    return rota.cover_from is None and rota.covered_until is not None and rota.covered_until >= end


def who_was(rota: Rota, at: datetime) -> Was | None:
    """Who was, or will be, on call of a rota at an instant, as it was written down; None where nothing is. One query."""
    newest = Cover.objects.filter(rota=rota, starts_at__lte=at).order_by("-starts_at").values("starts_at")
    rows = Cover.objects.filter(rota=rota, starts_at=newest[:1], ends_at__gt=at)
    found = list(rows.select_related("user__site").order_by("place"))
    return _was(found) if found else None


def written(rota: Rota, start: datetime, end: datetime) -> list[Was]:
    """The cover of `[start, end)` as it is written down, uncut, in order. One query."""
    rows = Cover.objects.filter(rota=rota, ends_at__gt=start, starts_at__lt=end)
    stretches: dict[datetime, list[Cover]] = {}
    for row in rows.select_related("user__site").order_by("starts_at", "place"):
        stretches.setdefault(row.starts_at, []).append(row)
    return [_was(found) for found in stretches.values()]


def written_of(rotas: Sequence[Rota], start: datetime, end: datetime) -> dict[int, list[oncall.Cover]]:
    """What is written down of `[start, end)` (to the whole second) for many rotas, cut at both, by the rota's key; nothing for
    an empty stretch. Two queries: thousands of stretches are of a few people."""
    end = end.replace(microsecond=0)
    found: dict[int, list[oncall.Cover]] = {}
    if start >= end:
        return found
    ordered = _rows_of([rota.pk for rota in rotas], start, end)
    people = by_key({row[-1] for row in ordered if row[-1] is not None})
    for (rota, begins), those in groupby(ordered, key=itemgetter(0, 1)):
        stretch = list(those)
        _rota, _begins, ends, layer, override, _user = stretch[0]
        users = tuple(people[row[-1]] for row in stretch if row[-1] is not None)
        found.setdefault(rota, []).append(
            oncall.Cover(max(begins, start), min(ends, end), users, layer, override)
        )
    return found


@compiled
def _rows_of(rotas: Keys, start: datetime, end: datetime) -> QuerySet[Cover, tuple[Any, ...]]:
    rows = Cover.objects.filter(rota__in=rotas, ends_at__gt=start, starts_at__lt=end)
    columns = ("rota_id", "starts_at", "ends_at", "layer", "override", "user_id")
    return rows.order_by("rota", "starts_at", "place").values_list(*columns)


def schedules(
    rotas: Sequence[Rota], start: datetime, end: datetime, now: datetime
) -> list[tuple[Rota, list[oncall.Cover]]]:
    """The schedule of each rota in `[start, end)`: up to `now` as it was, from then on as planned. Seven queries at most,
    however many rotas."""
    past = written_of(rotas, start, min(now, end))
    read = oncall.plans(rotas, start, end)
    return [
        (plan.rota, oncall.as_was_and_will(plan.rota, past.get(plan.rota.pk, []), start, end, now))
        for plan in read
    ]


def then(rota: Rota, at: datetime) -> oncall.OnCallNow | None:
    """Who was on call of a rota at an instant that has passed, and who followed; None where nothing is written down."""
    was = who_was(rota, at)
    if was is None:
        return None
    after = who_was(rota, was.end)
    return oncall.OnCallNow(
        rota,
        was.users,
        was.start,
        was.end if after else None,
        after.users if after else (),
        was.layer,
        was.override,
    )


def of_person(user: User, start: datetime, end: datetime) -> QuerySet[Cover]:
    """The rows of a person within `[start, end)`, uncut."""
    rows = Cover.objects.filter(user=user, ends_at__gt=start, starts_at__lt=end)
    return rows.select_related("rota").order_by("starts_at", "rota")


def waiting(now: datetime) -> Waiting:
    """Rotas whose cover is out of date."""
    due, oldest = due_of(Rota.objects.filter(cover_at__lte=now), "cover_at")
    coming = Rota.objects.filter(cover_at__gt=now).order_by("cover_at").values_list("cover_at", flat=True)
    return Waiting(due=due, oldest=oldest, next_due=coming.first())


def _was(rows: list[Cover]) -> Was:
    first = rows[0]
    users = tuple(row.user for row in rows if row.user is not None)
    return Was(
        first.starts_at,
        first.ends_at,
        users,
        first.why,
        first.layer,
        first.override,
        first.version,
        first.derived_at,
    )
