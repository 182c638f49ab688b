"""What is kept how long: one line for each kind of thing that goes, in the order in which it goes.

Housekeeping lets go of it by itself; `manage.py retire` shows what would go, or has it go now.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.domain import retention as accounts
from accounts.domain import throttle
from core import slices
from core.models import IdempotentAnswer
from core.slices import Load, Span
from monitoring.domain import housekeeping as monitoring
from notifications.domain import housekeeping as notifications
from services.domain import housekeeping as services

BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Rows:
    """Things that go row by row: `expired(now)` are those whose time is over, `drop(now)` takes a batch of them."""

    name: str
    expired: Callable[[datetime], QuerySet]
    drop: Callable[[datetime], int]

    def going(self, now: datetime) -> tuple[int, Load]:
        """Slices and rows (exact) that would go now."""
        return 0, Load(self.expired(now).order_by().count(), 0)


@dataclass(frozen=True, slots=True)
class Slices:
    """Things that go by whole slices of time; room ahead is made at the same occasion."""

    name: str
    span: Callable[[datetime], Span]

    def drop(self, now: datetime) -> int:
        """Make room, drop what has ended; how many slices and stray rows went. 0: nothing is left to do."""
        return slices.keep_up(self.span(now), now)

    def going(self, now: datetime) -> tuple[int, Load]:
        """Slices that would go now, with rows (the planner's estimate) and bytes."""
        span = self.span(now)
        old = slices.ended(span.sliced, span.before) if span.before else []
        load = slices.load_of(each.name for each in old)
        return len(old), Load(load.rows + slices.overdue_in_rest(span), load.size)


Kind = Rows | Slices


def _old_answers(now: datetime) -> QuerySet[IdempotentAnswer]:
    return IdempotentAnswer.objects.filter(expires_at__lte=now)


def _drop_answers(now: datetime) -> int:
    old = _old_answers(now).values_list("pk", flat=True)[:BATCH]
    count, _ = IdempotentAnswer.objects.filter(pk__in=list(old)).delete()
    return count


KINDS: tuple[Kind, ...] = (
    Slices("posts of tools as they arrived", monitoring.raw_span),
    Slices("readings of alerts", monitoring.readings_span),
    Rows("ids of posts", monitoring.old_ids, monitoring.expire_ids),
    Rows("counts of a minute's alerts", monitoring.old_minutes, monitoring.expire_minutes),
    Rows("storms that ended", monitoring.old_storms, monitoring.expire_storms),
    Rows("counts of objectives", services.old_counts, services.expire_counts),
    Rows("messages", notifications.old_messages, notifications.expire_messages),
    Slices("attempts at delivery", notifications.attempts_span),
    Rows("audit trail", accounts.old_audit, accounts.expire_audit),
    Rows("sessions", accounts.old_sessions, accounts.expire_sessions),
    Rows("one-time links", accounts.old_links, accounts.expire_links),
    Rows("answers to an Idempotency-Key", _old_answers, _drop_answers),
    Rows("counts of wrong passwords", throttle.old_counts, throttle.forget_old),
)
