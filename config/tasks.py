"""Housekeeping: what has expired goes. A leaf's expiry is in its row; nothing here decides anything."""

from collections.abc import Callable
from datetime import datetime

from celery import shared_task

from accounts.domain import throttle
from core import clock
from core.models import IdempotentAnswer
from monitoring.domain.housekeeping import expire

BATCH = 5_000
MAX_ROUNDS = 100


@shared_task
def housekeeping() -> None:
    """Drop expired raw payloads, occurrences, remembered answers and old sign-in tries, in bounded batches."""
    now = clock.now()
    for drop in (expire, _answers, throttle.forget_old):
        _drain(drop, now)


def _drain(drop: Callable[[datetime], int], now: datetime) -> None:
    for _ in range(MAX_ROUNDS):
        if not drop(now):
            return


def _answers(now: datetime) -> int:
    old = IdempotentAnswer.objects.filter(expires_at__lte=now).values_list("pk", flat=True)[:BATCH]
    count, _ = IdempotentAnswer.objects.filter(pk__in=list(old)).delete()
    return count
