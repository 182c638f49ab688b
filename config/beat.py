"""Ringing the engines by a clock that only measures how long, never by the hour of this machine.

Celery's own beat counts by the machine's clock: set back five minutes while it runs, it would ring nobody for
five minutes. And an `expires` in the table of ticks would be an hour of this machine's clock, judged by the
worker's: where they differ by more than it, every ring is thrown away. So nothing here expires. What keeps the
rings from piling up while no worker is there is the length of the queue.
"""

import logging
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Final

from celery.beat import ScheduleEntry, Scheduler
from celery.schedules import schedule

log = logging.getLogger(__name__)

# Rings in a queue beyond which another one would wake nobody earlier.
ENOUGH: Final = 100
_ZERO: Final = datetime(2000, 1, 1, tzinfo=UTC)


def elapsed() -> datetime:
    """How long this machine has been up, said as an instant: no hour, only differences mean something."""
    return _ZERO + timedelta(seconds=monotonic())


def every(seconds: float) -> schedule:
    """Every so many seconds of elapsed time."""
    return schedule(timedelta(seconds=seconds), nowfun=elapsed)


class Bell(Scheduler):  # type: ignore[misc]
    """Celery's scheduler in memory, which rings no more where plenty of rings wait unheard."""

    full: frozenset[str] = frozenset()

    def apply_async(
        self, entry: ScheduleEntry, producer: Any = None, advance: bool = True, **kwargs: Any
    ) -> Any:
        """Ring the entry's task, unless its queue is full of rings; None then. Raises what the broker raises."""
        if producer is not None and self._is_full(entry.task, producer):
            return None
        return super().apply_async(entry, producer=producer, advance=advance, **kwargs)

    def _is_full(self, task: str, producer: Any) -> bool:
        queue = self.app.amqp.router.route({}, task)["queue"].name
        if int(producer.channel.client.llen(queue)) < ENOUGH:
            self.full -= {queue}
            return False
        if queue not in self.full:
            log.warning(
                "queue %s: %s rings wait unheard, no worker takes them; no more until then", queue, ENOUGH
            )
        self.full |= {queue}
        return True
