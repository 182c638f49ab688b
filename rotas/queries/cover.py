"""Who was on call, and why: one look into the cover that is written down."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import User
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


def as_was_and_will(rota: Rota, start: datetime, end: datetime, now: datetime) -> list[oncall.Cover]:
    """The schedule of `[start, end)`, cut at both: up to `now` as it was written down, from then on as it is planned.

    Where nothing is written down yet, the past is what today's layers say of it. Five queries.
    """
    # shifts begin at whole seconds
    edge = min(max(start, now.replace(microsecond=0)), end)
    past = as_was(rota, start, edge)
    begins = past[0].start if past else edge
    older = oncall.final(rota, start, begins) if start < begins else []
    coming = oncall.final(rota, edge, end) if edge < end else []
    if past and coming and _same(past[-1], coming[0]):
        # the present moment cuts nothing in two
        coming[0] = replace(coming[0], start=past.pop().start)
    return [*older, *past, *coming]


def as_was(rota: Rota, start: datetime, end: datetime) -> list[oncall.Cover]:
    """What is written down of `[start, end)`, cut at both; neighbours that differ in nothing shown are one. One query."""
    found: list[oncall.Cover] = []
    for each in written(rota, start, end) if start < end else []:
        cover = oncall.Cover(
            max(each.start, start), min(each.end, end), each.users, each.layer, each.override
        )
        if found and found[-1].end == cover.start and _same(found[-1], cover):
            cover = replace(cover, start=found.pop().start)
        found.append(cover)
    return found


def _same(one: oncall.Cover, other: oncall.Cover) -> bool:
    return (one.users, one.layer_id, one.override_id) == (other.users, other.layer_id, other.override_id)


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
