"""The heartbeat of the engines: each tick leaves a row that people, pages and probes read."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import close_old_connections

from core import clock, engine_versions, nudge
from core.models import EngineTick

log = logging.getLogger(__name__)
MAX_ROUNDS = 200
# A backlog is worked in stretches: the beat is recorded in between, and the task's time limit stays far.
MAX_STRETCH = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine: `task` is its Celery name, `every` seconds between ticks, late after `stale_after` seconds.

    `version` grows whenever its rows mean something else than before: see `core.engine_versions`.
    """

    name: str
    label: str
    task: str
    every: float
    stale_after: float
    version: int = 1


ENGINES: dict[str, Engine] = {}


def register(
    name: str, *, label: str, task: str, every: float = 1.0, stale_after: float = 15.0, version: int = 1
) -> Engine:
    """Make an engine known to the table of ticks, `/readyz`, `/metrics` and the operations room."""
    engine = Engine(name, label, task, every, stale_after, version)
    ENGINES[name] = engine
    return engine


def run(engine: Engine, tick: Callable[[datetime], int]) -> int:
    """Drain what is due: call `tick(now)` until it did nothing, then record the beat.

    Returns how many rows were worked. An error is recorded and raised; what is due stays due. Where a newer
    version of this engine is at work, nothing happens and nothing is recorded.
    """
    close_old_connections()
    nudge.heard(engine.task)
    started = clock.now()
    worked = 0
    try:
        for _ in range(MAX_ROUNDS):
            moment = clock.now()
            if moment - started > MAX_STRETCH:
                break
            if not engine_versions.may_tick(engine.name, engine.version, moment):
                return worked
            done = tick(moment)
            worked += done
            if not done:
                break
    except Exception as error:
        _beat(engine, started, worked, f"{type(error).__name__}: {error}"[:500])
        raise
    _beat(engine, started, worked, "")
    return worked


def _beat(engine: Engine, started: datetime, worked: int, error: str) -> None:
    engine_versions.beat(
        engine.name, engine.version, started=started, now=clock.now(), worked=worked, error=error
    )


def late(now: datetime) -> list[Engine]:
    """Engines that have not ticked for longer than they may, worst promises first."""
    beats = dict(EngineTick.objects.values_list("name", "finished_at"))
    return [
        engine
        for engine in ENGINES.values()
        if engine.name not in beats or now - beats[engine.name] > timedelta(seconds=engine.stale_after)
    ]


def yielding() -> list[Engine]:
    """Engines of which a newer version than this process has is at work: this process leaves them alone."""
    known = dict(EngineTick.objects.values_list("name", "version"))
    return [engine for engine in ENGINES.values() if known.get(engine.name, 0) > engine.version]
