"""What a calendar makes happen: shifts begin, offers expire. Rows with a due time, like all that happens later."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from rotas.domain import swaps
from rotas.domain.telling import SHIFT_BEGINS, SHIFT_SOON, tell_shift
from rotas.models import Cover
from rotas.rules import can_be_on_call

# What began longer ago than this is not news any more: an engine that was away never floods people.
STALE: Final = timedelta(minutes=30)


def tick(now: datetime, limit: int = 200) -> int:
    """Tell people of their shifts, and end offers that expired; how many things were done."""
    return _tell(now, limit) + swaps.expire(now)


@transaction.atomic
def _tell(now: datetime, limit: int) -> int:
    due = Cover.objects.select_for_update(skip_locked=True, of=("self",)).filter(next_at__lte=now)
    rows = list(due.select_related("rota", "user__site").order_by("next_at", "pk")[:limit])
    for row in rows:
        user = row.user
        if user is not None and can_be_on_call(user) and not _goes_on(row):
            kind = SHIFT_BEGINS if row.starts_at <= now else SHIFT_SOON
            if now - row.starts_at < STALE:
                tell_shift(kind, row, user, now=now)
        row.next_at = row.starts_at if now < row.starts_at else None
    Cover.objects.bulk_update(rows, ["next_at"])
    return len(rows)


def _goes_on(row: Cover) -> bool:
    """Whether this person is on call of the rota already when the stretch begins: for them nothing begins."""
    before = Cover.objects.filter(rota=row.rota_id, ends_at=row.starts_at)
    return row.user_id in before.values_list("user", flat=True)
