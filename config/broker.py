"""The connection to the broker: one that went away is asked for again every second, for as long as it takes.

Celery's own pauses grow to half a minute and end after a hundred tries; when Redis is back, due work must not
wait for them.
"""

from typing import Any

from celery.app.amqp import AMQP
from kombu.connection import Connection

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 1.0


class PersistentConnection(Connection):  # type: ignore[misc]
    """A broker connection with short pauses between tries."""

    def _ensure_connection(
        self,
        errback: Any = None,
        max_retries: Any = None,
        interval_start: Any = FIRST_PAUSE,
        interval_step: Any = LONGEST_PAUSE - FIRST_PAUSE,
        interval_max: Any = LONGEST_PAUSE,
        *more: Any,
        **options: Any,
    ) -> Any:
        paused = (errback, max_retries, interval_start, interval_step, interval_max)
        return super()._ensure_connection(*paused, *more, **options)  # type: ignore[no-untyped-call]


class Amqp(AMQP):  # type: ignore[misc]
    """Celery's door to the broker, with our connection."""

    Connection = BrokerConnection = PersistentConnection
