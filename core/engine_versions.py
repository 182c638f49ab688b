"""Two releases at work at once, while one is being rolled out: the older yields to the newer.

Each engine has a version, grown whenever its rows mean something else than before. The row of its beat keeps
the newest version at work. A process that finds a newer one there does not tick and does not beat. Where the
newer has been silent for `SILENCE`, it was rolled back or is dead: the older takes over, because a call that
is made by yesterday's rules is better than none.

Nothing here waits for a lock: each write is one statement that skips a row which somebody else holds.
"""

import logging
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from django.db import connection

from core.models import EngineTick

log = logging.getLogger(__name__)

# Longer than the hard time limit of a task: a process that is in the midst of a long tick is not silent.
SILENCE: Final = timedelta(minutes=5)
SAY_EVERY: Final = 60.0
_said: dict[str, float] = {}

_WRITE = """
WITH free AS (
    SELECT name FROM core_enginetick
    WHERE name = %(name)s AND (version <= %(version)s OR finished_at <= %(silent_since)s)
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE core_enginetick AS beat SET
"""
_TAKE_OVER = _WRITE + "version = %(version)s FROM free WHERE beat.name = free.name"
_BEAT = _WRITE + (
    "version = %(version)s, started_at = %(started)s, finished_at = %(now)s, worked = %(worked)s, "
    "error = %(error)s FROM free WHERE beat.name = free.name"
)


def may_tick(name: str, version: int, now: datetime) -> bool:
    """Whether a process whose engine `name` has this `version` may work; a newer one makes itself known."""
    row = EngineTick.objects.filter(name=name).values_list("version", "finished_at").first()
    if row is None:
        _first(name, version, now)
        return True
    known, finished_at = row
    if known == version:
        return True
    if known > version:
        if now - finished_at < SILENCE:
            _say(name, version, known)
            return False
        log.warning("engine %s: version %s is silent, version %s takes over", name, known, version)
    _write(_TAKE_OVER, name, version, now)
    return True


def beat(name: str, version: int, *, started: datetime, now: datetime, worked: int, error: str) -> None:
    """Put down how a tick ended, unless a newer version is at work or the row is in other hands."""
    _write(_BEAT, name, version, now, started=started, worked=worked, error=error)


def _write(statement: str, name: str, version: int, now: datetime, **values: datetime | int | str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {"name": name, "version": version, "now": now, "silent_since": now - SILENCE, **values},
        )


def _first(name: str, version: int, now: datetime) -> None:
    row = EngineTick(name=name, version=version, started_at=now, finished_at=now)
    EngineTick.objects.bulk_create([row], ignore_conflicts=True)


def _say(name: str, version: int, newer: int) -> None:
    """Once a minute, by a clock that only measures how long."""
    at = monotonic()
    if at - _said.get(name, -SAY_EVERY) >= SAY_EVERY:
        _said[name] = at
        log.warning("engine %s: this process has version %s and yields to version %s", name, version, newer)
