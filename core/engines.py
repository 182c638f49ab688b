"""The heartbeat of the engines: each tick leaves a row that people, pages and probes read."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import close_old_connections

from core import clock, nudge
from core.models import EngineTick

log = logging.getLogger(__name__)
MAX_ROUNDS = 200
# A backlog is worked in stretches: the beat is recorded in between, and the task's time limit stays far.
MAX_STRETCH = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine: `task` is its Celery name, `every` seconds between ticks, late after `stale_after` seconds."""

    name: str
    label: str
    task: str
    every: float
    stale_after: float


ENGINES: dict[str, Engine] = {}


def register(name: str, *, label: str, task: str, every: float = 1.0, stale_after: float = 15.0) -> Engine:
    """Make an engine known to the table of ticks, `/readyz`, `/metrics` and the operations room."""
    engine = Engine(name, label, task, every, stale_after)
    ENGINES[name] = engine
    return engine


def run(engine: Engine, tick: Callable[[datetime], int]) -> int:
    """Drain what is due: call `tick(now)` until it did nothing, then record the beat.

    Returns how many rows were worked. An error is recorded and raised; what is due stays due.
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
            done = tick(moment)
            worked += done
            if not done:
                break
    except Exception as error:
        _beat(engine.name, started, worked, f"{type(error).__name__}: {error}"[:500])
        raise
    _beat(engine.name, started, worked, "")
    return worked


def _beat(name: str, started: datetime, worked: int, error: str) -> None:
    EngineTick.objects.update_or_create(
        name=name,
        defaults={"started_at": started, "finished_at": clock.now(), "worked": worked, "error": error},
    )


def late(now: datetime) -> list[Engine]:
    """Engines that have not ticked for longer than they may, worst promises first."""
    beats = dict(EngineTick.objects.values_list("name", "finished_at"))
    return [
        engine
        for engine in ENGINES.values()
        if engine.name not in beats or now - beats[engine.name] > timedelta(seconds=engine.stale_after)
    ]
