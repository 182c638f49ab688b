"""Wake an engine without trusting the messenger.

What must happen is already a row with a due time; a nudge only makes it happen sooner. So a nudge
may be lost (Redis away), doubled or late, and nothing is wrong. Nudges of one task within a moment
are one message: a storm of alerts doesn't become a storm of tasks.
"""

import logging
import time

from celery import current_app
from django.conf import settings
from django.db import transaction

from core.redis_client import redis_client

log = logging.getLogger(__name__)
_TTL_MS = 2_000
# After a failure nobody is rung for a moment: a Redis that says nothing costs a request one wait, not one a ring.
_REST = 1.0
_rest_until = 0.0


def nudge(task: str) -> None:
    """Send the doorbell `task` (its Celery name) once this transaction has committed."""
    transaction.on_commit(lambda: send(task), robust=True)


def send(task: str) -> None:
    """Ring at once. Failures are logged and swallowed: the next tick does the work."""
    if not settings.MAINSTAY_NUDGES or _resting():
        return
    try:
        if redis_client().set(_key(task), b"1", nx=True, px=_TTL_MS):
            current_app.send_task(task, retry=False)
    except Exception as error:
        _rest()
        log.warning("nudge of %s not sent (%s); the next tick will do the work", task, error)


def heard(task: str) -> None:
    """Called by a doorbell before it claims rows, so that later rows may ring again."""
    if _resting():
        return
    try:
        redis_client().delete(_key(task))
    except Exception as error:
        _rest()
        log.warning("could not clear the nudge of %s (%s)", task, error)


def _resting() -> bool:
    return time.monotonic() < _rest_until


def _rest() -> None:
    global _rest_until  # noqa: PLW0603 - one moment a process
    _rest_until = time.monotonic() + _REST


def _key(task: str) -> str:
    return f"{settings.MAINSTAY_REDIS_PREFIX}nudge:{task}"
