"""Wake an engine without trusting the messenger.

What must happen is already a row with a due time; a nudge only makes it happen sooner. So a nudge
may be lost (Redis away), doubled or late, and nothing is wrong. Nudges of one task within a moment
are one message: a storm of alerts doesn't become a storm of tasks.
"""

import logging
import os
import threading
import time
from contextlib import suppress

from celery import current_app, current_task
from django.conf import settings
from django.db import transaction

from core.redis_client import redis_client

log = logging.getLogger(__name__)
BEAT = "beat"
# So long a ring that is not heard keeps others of its kind back: a little less than two seconds, so that beat's second one comes.
_TTL_MS = 1_900
# After a failure nobody is rung for a moment: a Redis that says nothing costs a request one wait, not one a ring.
_REST = 1.0
_rest_until = 0.0
# Between two rings of `soon`: shorter than anybody notices. Where ring follows ring it grows, so that a storm's work is done in
# ten goes a second, each of more, and not in fifty.
_GAP, _LONGEST_GAP = 0.02, 0.1
_bells: "dict[str, _Bell]" = {}
_bell_lock = threading.Lock()


def nudge(task: str) -> None:
    """Send the doorbell `task` (its Celery name) once this transaction has committed."""
    transaction.on_commit(lambda: send(task), robust=True)


def send(task: str) -> None:
    """Ring at once. Failures are logged and swallowed: the next tick does the work."""
    if not settings.MAINSTAY_NUDGES or _resting():
        return
    try:
        ring(task)
    except Exception as error:
        _rest()
        log.warning("nudge of %s not sent (%s); the next tick will do the work", task, error)


def ring(task: str, *, by: str = "") -> None:
    """Ring at once, unless a ring of the last moment has not been heard yet. Raises what Redis and Celery raise.

    Who rings again and again whatever happened says its name in `by`: so it is kept back by its own rings alone, and one that was
    lost on its way costs no more than its next.
    """
    link = redis_client()
    if link.set(_key(task, by), b"1", nx=True, px=_TTL_MS):
        try:
            current_app.send_task(task, retry=False)
        except Exception:
            with suppress(Exception):
                link.delete(_key(task, by))
            raise


def again(task: str) -> bool:
    """Ring once more for what is left to do; whether a ring waits in the queue now.

    Only a worker may: where beat works because nobody takes from the queue, a ring would only make it longer.
    """
    if not _by_worker() or not settings.MAINSTAY_NUDGES or _resting():
        return False
    try:
        ring(task)
    except Exception as error:
        _rest()
        log.warning("nudge of %s not sent (%s); what is left is worked now", task, error)
        return False
    return True


def soon(task: str) -> None:
    """Ring within a moment, from a thread of its own, for what may be asked a thousand times a second.

    The first ring leaves at once; those that are asked for until a gap later are one more, and the last is rung for.
    """
    if settings.MAINSTAY_NUDGES:
        _bell(task).ring()


class _Bell:
    """Rings one task when it is asked to, then holds still for a moment."""

    def __init__(self, task: str) -> None:
        self.task, self.pid = task, os.getpid()
        self._asked = threading.Event()
        threading.Thread(target=self._run, name=f"bell of {task}", daemon=True).start()

    def ring(self) -> None:
        if not self._asked.is_set():
            self._asked.set()

    def _run(self) -> None:
        gap = _GAP
        while True:
            self._asked.wait()
            # Forget it before ringing: who asks from here on is rung for again.
            self._asked.clear()
            send(self.task)
            time.sleep(gap)
            gap = min(gap * 1.5, _LONGEST_GAP) if self._asked.is_set() else _GAP


def _bell(task: str) -> _Bell:
    """This process's own: threads do not live on in a fork."""
    found = _bells.get(task)
    if found is None or found.pid != os.getpid():
        with _bell_lock:
            found = _bells.get(task)
            if found is None or found.pid != os.getpid():
                found = _bells[task] = _Bell(task)
    return found


def heard(task: str) -> None:
    """Called by a doorbell before it claims rows, so that later rows may ring again."""
    # What a worker hears has just come through Redis.
    if _resting() and not _by_worker():
        return
    try:
        redis_client().delete(_key(task), _key(task, BEAT))
    except Exception as error:
        _rest()
        log.warning("could not clear the nudge of %s (%s)", task, error)


def _by_worker() -> bool:
    return bool(current_task) and not current_task.request.called_directly


def _resting() -> bool:
    return time.monotonic() < _rest_until


def _rest() -> None:
    global _rest_until  # noqa: PLW0603 - one moment a process
    _rest_until = time.monotonic() + _REST


def _key(task: str, by: str = "") -> str:
    return f"{settings.MAINSTAY_REDIS_PREFIX}nudge:{by and by + ':'}{task}"
