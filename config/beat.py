"""Ringing the engines by a clock that only measures how long, never by the hour of this machine.

Celery's own beat counts by the machine's clock: set back five minutes while it runs, it would ring nobody for
five minutes. And an `expires` in the table of ticks would be an hour of this machine's clock, judged by the
worker's: where they differ by more than it, every ring is thrown away. So nothing here expires. What keeps the
rings from piling up while no worker is there is the length of the queue.

Where a ring is not heard (Redis is away, or the queue is full because no worker takes from it), beat does that
engine's tick itself, in a thread for each. So losing Redis or every worker delays, but stops nothing.
"""

import logging
import threading
import time
from typing import Any, Final

from celery.beat import ScheduleEntry, Scheduler
from django.conf import settings
from django.db import connections

from core import nudge
from core.redis_client import redis_client

log = logging.getLogger(__name__)

# Rings in a queue beyond which another one would wake nobody earlier: nobody takes them, or not fast enough. Beat rings an engine
# that does not hear once in two seconds, and so do nudges: this gathers in three to six seconds. A courier may have to wait for
# slow servers: ten to twenty.
ENOUGH = {"engine": 16, "delivery": 11}
# Seconds after which a helper's tick counts as hung: longer than a task may last.
HUNG: Final = 180.0


class Bell(Scheduler):  # type: ignore[misc]
    """Celery's scheduler in memory, which works where it rings in vain."""

    # Celery waits for a link of this one's own at every start and loss; rings go by the pool's instead.
    producer = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._deaf: set[str] = set()
        self._threads: dict[str, list[tuple[float, threading.Thread]]] = {}
        super().__init__(*args, **kwargs)

    def adjust(self, n: Any, drift: float = 0.0) -> Any:
        """Celery's own wakes ten milliseconds early and then asks five hundred times whether it is time."""
        return n

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Ring the entry's task; where nobody would hear it, do it here."""
        queue = self.app.amqp.router.route({}, entry.task)["queue"].name
        heard = self._has_room(queue) and self._send(entry.task)
        if heard == (queue in self._deaf):
            (self._deaf.discard if heard else self._deaf.add)(queue)
            log.warning(
                "queue %s: %s", queue, "rings are heard again" if heard else "rings are not heard, beat works"
            )
        if not heard:
            self.work(entry.task)

    def work(self, task: str) -> None:
        """Do one tick in a thread, unless the last one still goes on. One that hangs for minutes is given a second."""
        now = time.monotonic()
        busy = [(since, thread) for since, thread in self._threads.get(task, []) if thread.is_alive()]
        hung = len(busy) == 1 and now - busy[0][0] > HUNG
        if hung:
            log.warning("%s hangs for %.0f s: a second helper takes over", task, now - busy[0][0])
        if not busy or hung:
            thread = threading.Thread(target=self._run, args=(task,), name=task, daemon=True)
            busy.append((now, thread))
            thread.start()
        self._threads[task] = busy

    def _has_room(self, queue: str) -> bool:
        """Whether somebody takes from it. One that was full has room again once half of it is gone."""
        limit = ENOUGH[queue] // 2 if queue in self._deaf else ENOUGH[queue]
        try:
            return int(redis_client().llen(settings.MAINSTAY_REDIS_PREFIX + queue)) < limit
        except Exception as error:
            log.debug("no answer about %s: %s", queue, error)
            return False

    def _send(self, task: str) -> bool:
        """Whether a ring is on its way: this one, or beat's of a moment ago that a busy worker has not come to yet."""
        try:
            nudge.ring(task, by=nudge.BEAT)
        except Exception as error:
            log.debug("no ring for %s: %s", task, error)
            return False
        return True

    def _run(self, task: str) -> None:
        try:
            self.app.tasks[task]()
        except Exception:
            log.exception("%s failed", task)
        finally:
            connections.close_all()
