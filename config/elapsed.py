"""Time as this machine counts it, never as its clock shows it. Imports neither Django nor Redis: the supervisor does too."""

from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final

from celery.schedules import schedule

_ZERO: Final = datetime(2000, 1, 1, tzinfo=UTC)


def elapsed() -> datetime:
    """How long this machine has been up, said as an instant: no hour, only differences mean something."""
    return _ZERO + timedelta(seconds=monotonic())


def every(seconds: float) -> schedule:
    """Every so many seconds of elapsed time."""
    return schedule(timedelta(seconds=seconds), nowfun=elapsed)
