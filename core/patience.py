"""Waiting for rows that somebody else works on: for a moment, never until a hung one is gone.

Ticks claim rows with SKIP LOCKED. What they touch besides (an alert being folded, an incident being joined)
may be in other hands too; there a short lock timeout does what SKIP LOCKED can't.
"""

from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError
from psycopg.errors import LockNotAvailable

# Longer than an honest transaction of another worker, shorter than anybody would notice.
PATIENCE = "200ms"
# Part of a SELECT: from here to the end of the transaction nobody is waited for any longer.
IMPATIENT = f"set_config('lock_timeout', '{PATIENCE}', true)"

T = TypeVar("T")


def unless_busy(act: Callable[[], T], otherwise: T) -> T:
    """What `act`, a whole transaction, returns; `otherwise` where it met a row that stays in other hands."""
    try:
        return act()
    except OperationalError as error:
        if is_busy(error):
            return otherwise
        raise


def is_busy(error: OperationalError) -> bool:
    """Whether it says that a row stayed in other hands."""
    return isinstance(error.__cause__, LockNotAvailable)
