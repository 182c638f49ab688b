"""Housekeeping: what has expired goes. Each app says what of its own; nothing here decides anything."""

from collections.abc import Callable
from datetime import datetime

from celery import shared_task

from accounts.domain import retention, throttle
from core import clock
from core.models import IdempotentAnswer
from monitoring.domain.housekeeping import expire
from notifications.domain.housekeeping import expire_attempts, expire_messages

BATCH = 5_000
MAX_ROUNDS = 100


@shared_task
def housekeeping() -> None:
    """Drop what has served its time, in bounded batches; docs/operators.md says what is kept how long."""
    now = clock.now()
    for drop in DROPS:
        _drain(drop, now)


def _drain(drop: Callable[[datetime], int], now: datetime) -> None:
    for _ in range(MAX_ROUNDS):
        if not drop(now):
            return


def _answers(now: datetime) -> int:
    old = IdempotentAnswer.objects.filter(expires_at__lte=now).values_list("pk", flat=True)[:BATCH]
    count, _ = IdempotentAnswer.objects.filter(pk__in=list(old)).delete()
    return count


DROPS: tuple[Callable[[datetime], int], ...] = (
    expire,
    expire_messages,
    expire_attempts,
    retention.expire_audit,
    retention.expire_sessions,
    retention.expire_links,
    _answers,
    throttle.forget_old,
)
