"""How the engines are: their beats, what they have waiting, how late they work. Pages, probes and figures all ask here."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import redis
from django.core.cache import cache
from django.utils.translation import gettext as _

from core.engines import ENGINES, Engine
from core.models import EngineTick
from core.ui.words import duration
from core.waiting import StuckRow, Waiting

LATE_KEY = "engines:late"
REMEMBERED = 5  # seconds


@dataclass(frozen=True, slots=True)
class State:
    """One engine as of `now`. `beat` is None where it has never ticked, `waiting` where it doesn't tell."""

    engine: Engine
    beat: EngineTick | None
    waiting: Waiting | None
    now: datetime

    @property
    def is_still(self) -> bool:
        """It has not ticked for longer than it may."""
        limit = timedelta(seconds=self.engine.stale_after)
        return self.beat is None or self.now - self.beat.finished_at > limit

    @property
    def is_overdue(self) -> bool:
        """It ticks or not: something has been due for longer than it may."""
        return self.lag > timedelta(seconds=self.engine.overdue_after)

    @property
    def yields(self) -> bool:
        """A newer version than this process has is at work."""
        return self.beat is not None and self.beat.version > self.engine.version

    @property
    def is_late(self) -> bool:
        return self.is_still or self.is_overdue

    @property
    def lag(self) -> timedelta:
        """How late the oldest due row is."""
        return self.waiting.lag(self.now) if self.waiting else timedelta(0)

    @property
    def since(self) -> datetime | None:
        """Since when it is late: its last beat, or when the oldest row was due. None for never, or not late."""
        if self.is_still:
            return self.beat.finished_at if self.beat else None
        return self.waiting.late_since if self.waiting and self.is_overdue else None

    @property
    def _failure(self) -> str:
        error = self.beat.error if self.beat else ""
        return _("Its last run failed: %(error)s") % {"error": error} if error else ""

    @property
    def words(self) -> str:
        """What is wrong in a sentence; "" where nothing is."""
        if self.beat is None:
            return _("It has never run.")
        if self.is_still:
            silent = (self.now - self.beat.finished_at).total_seconds()
            still = _("It has not run for %(time)s.") % {"time": duration(silent)}
            return f"{still} {self._failure}".strip()
        if self.beat.error:
            return self._failure
        if self.is_overdue:
            return _("It runs, but something has been due for %(time)s.") % {
                "time": duration(self.lag.total_seconds())
            }
        return ""


@dataclass(frozen=True, slots=True)
class Late:
    """An engine that is late, and since when; None for one that has never run."""

    engine: Engine
    since: datetime | None


def look(now: datetime, *, besides: str = "") -> list[State]:
    """Every engine (but the one named `besides`). One query for the beats, and a few cheap ones for each."""
    beats = EngineTick.objects.in_bulk()
    return [
        State(engine, beats.get(name), engine.waiting(now) if engine.waiting else None, now)
        for name, engine in sorted(ENGINES.items(), key=lambda item: item[1].order)
        if name != besides
    ]


def late(states: Iterable[State]) -> list[State]:
    """Those that are late, standing ones first."""
    return sorted((state for state in states if state.is_late), key=lambda state: not state.is_still)


def late_now(now: datetime) -> list[Late]:
    """Which engines are late, as of a few seconds ago at most: for the room, which many look at."""
    try:
        known = cache.get(LATE_KEY)
    except redis.RedisError:
        return _asked(now)
    if known is not None:
        return [Late(ENGINES[name], since) for name, since in known if name in ENGINES]
    found = _asked(now)
    with suppress(redis.RedisError):
        cache.set(LATE_KEY, [(each.engine.name, each.since) for each in found], REMEMBERED)
    return found


def _asked(now: datetime) -> list[Late]:
    return [Late(state.engine, state.since) for state in late(look(now))]


def stuck_rows(now: datetime, limit: int = 10) -> list[tuple[Engine, list[StuckRow]]]:
    """Rows that do not get on, by engine; engines without any are left out."""
    engines = sorted(ENGINES.values(), key=lambda engine: engine.order)
    found = [(engine, engine.stuck_rows(now, limit)) for engine in engines if engine.stuck_rows]
    return [(engine, rows) for engine, rows in found if rows]
