"""Housekeeping: what has expired goes. Each app says what of its own; nothing here decides anything."""

import logging
from datetime import datetime

from celery import shared_task
from django.db import DatabaseError

from config.retention import KINDS, Kind
from core import clock

log = logging.getLogger(__name__)
MAX_ROUNDS = 100


@shared_task
def housekeeping() -> None:
    """Drop what has served its time, in bounded batches; docs/operators.md says what is kept how long."""
    now = clock.now()
    for kind in KINDS:
        try:
            _drain(kind, now)
        except DatabaseError as error:
            # A table too busy just now must not keep the others from their turn; it gets its own in ten minutes.
            log.warning("housekeeping: %s wait for the next round (%s)", kind.name, error)


def _drain(kind: Kind, now: datetime) -> None:
    for _ in range(MAX_ROUNDS):
        if not kind.drop(now):
            return
