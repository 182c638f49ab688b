"""The connection to the broker: one that went away is asked for again every second, for as long as it takes.

Celery's own pauses grow to half a minute and end after a hundred tries; when Redis is back, due work must not
wait for them.
"""

from collections.abc import Callable
from typing import Any

from celery.app.amqp import AMQP
from kombu import Connection

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 1.0


class PersistentConnection(Connection):  # type: ignore[misc]
    """A broker connection with short pauses between tries."""

    def _ensure_connection(
        self,
        errback: Callable[..., Any] | None = None,
        max_retries: int | None = None,
        interval_start: float = FIRST_PAUSE,
        interval_step: float = LONGEST_PAUSE - FIRST_PAUSE,
        interval_max: float = LONGEST_PAUSE,
        **options: Any,
    ) -> Any:
        return super()._ensure_connection(
            errback, max_retries, interval_start, interval_step, interval_max, **options
        )


class Amqp(AMQP):  # type: ignore[misc]
    """Celery's door to the broker, with our connection."""

    Connection = BrokerConnection = PersistentConnection
