"""What a calendar makes happen: shifts begin, hand-overs are drafted, offers expire. Rows with a due time, like all that
happens later."""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from rotas.domain import handover_news, shadows, swaps
from rotas.domain.handovers import draft
from rotas.domain.telling import SHIFT_BEGINS, SHIFT_SOON, tell_shift
from rotas.models import Cover
from rotas.rules import can_be_on_call

log = logging.getLogger(__name__)
# What began longer ago than this is not news any more: an engine that was away never floods people.
STALE: Final = timedelta(minutes=30)
# A hand-over that can't be drafted is tried again after this long, until it is stale.
STAND_BACK: Final = timedelta(minutes=1)

Boundary = tuple[int, datetime]


def tick(now: datetime, limit: int = 200) -> int:
    """Tell people of their shifts and trainings, draft hand-overs and remind of them, end offers that expired; how many things
    were done.

    A hand-over that can't be drafted stands back, the rest goes on, and the first error is raised at the end.
    """
    worked, failure = _begin(now, limit)
    worked += handover_news.tick(now) + swaps.expire(now) + shadows.tick(now)
    if failure is not None:
        raise failure
    return worked


@transaction.atomic
def _begin(now: datetime, limit: int) -> tuple[int, Exception | None]:
    """Stretches that begin, or will soon. Their due times move on with what was done, or nothing happened at all."""
    due = Cover.objects.select_for_update(skip_locked=True, of=("self",)).filter(next_at__lte=now)
    rows = list(due.select_related("rota", "user__site").order_by("next_at", "pk")[:limit])
    failed, failure = _hand_over(rows, now)
    for row in rows:
        user = row.user
        if user is not None and can_be_on_call(user) and not _goes_on(row):
            kind = SHIFT_BEGINS if row.starts_at <= now else SHIFT_SOON
            if now - row.starts_at < STALE:
                tell_shift(kind, row, user, now=now)
        row.next_at = row.starts_at if now < row.starts_at else None
        if (row.rota_id, row.starts_at) in failed and now - row.starts_at < STALE:
            row.next_at = now + STAND_BACK
    Cover.objects.bulk_update(rows, ["next_at"])
    return len(rows), failure


def _hand_over(rows: list[Cover], now: datetime) -> tuple[set[Boundary], Exception | None]:
    """Draft the hand-overs of stretches that have begun; where it failed, and the first error."""
    begun = {(row.rota_id, row.starts_at): row.rota for row in rows if row.starts_at <= now}
    failed, failure = set[Boundary](), None
    for key, rota in sorted(begun.items(), key=lambda each: each[0]):
        try:
            with transaction.atomic():
                draft(rota, key[1], now)
        except Exception as error:
            log.exception("the hand-over of rota %s at %s can't be drafted and stands back", *key)
            failed.add(key)
            failure = failure or error
    return failed, failure


def _goes_on(row: Cover) -> bool:
    """Whether this person is on call of the rota already when the stretch begins: for them nothing begins."""
    before = Cover.objects.filter(rota=row.rota_id, ends_at=row.starts_at)
    return row.user_id in before.values_list("user", flat=True)
