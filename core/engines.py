"""The heartbeat of the engines: each tick leaves a row that people, pages and probes read."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import close_old_connections

from core import clock, engine_versions, meter, nudge
from core.types import Words
from core.waiting import StuckRow, Waiting

log = logging.getLogger(__name__)
MAX_ROUNDS = 200
# A backlog is worked in stretches: the beat is recorded in between, and the task's time limit stays far.
MAX_STRETCH = timedelta(seconds=15)
# Then others come: the ring goes back into the queue, behind theirs. Where it can't, the backlog is worked on.
TURN = timedelta(milliseconds=200)


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine: `task` is its Celery name, `every` seconds between ticks, late after `stale_after` seconds.

    `version` grows whenever its rows mean something else than before: see `core.engine_versions`.
    `meaning` says what people notice while it stands still. `waiting(now)` tells what it has waiting, and
    `stuck_rows(now, limit)` which rows do not get on; both are cheap. Work that is due for longer than
    `overdue_after` seconds is late too, however well the engine ticks. `order` is its place on pages. Where all that comes is
    rung for, `full` is how many rows a round works at most: one that worked fewer left only what is in other hands.
    """

    name: str
    label: Words
    task: str
    every: float
    stale_after: float
    version: int = 1
    meaning: Words = ""
    waiting: Callable[[datetime], Waiting] | None = None
    stuck_rows: Callable[[datetime, int], list[StuckRow]] | None = None
    overdue_after: float = 300.0
    order: int = 50
    full: int = 1


ENGINES: dict[str, Engine] = {}


def register(
    name: str,
    *,
    label: Words,
    task: str,
    every: float = 1.0,
    stale_after: float = 15.0,
    version: int = 1,
    meaning: Words = "",
    waiting: Callable[[datetime], Waiting] | None = None,
    stuck_rows: Callable[[datetime, int], list[StuckRow]] | None = None,
    overdue_after: float = 300.0,
    order: int = 50,
    full: int = 1,
) -> Engine:
    """Make an engine known to `/readyz`, `/metrics`, the operations room and the page of engines."""
    engine = Engine(
        name, label, task, every, stale_after, version, meaning, waiting, stuck_rows, overdue_after, order, full
    )  # fmt: skip
    ENGINES[name] = engine
    return engine


def run(engine: Engine, tick: Callable[[datetime], int]) -> int:
    """Drain what is due: call `tick(now)` until it did nothing, or fewer than a full round, then record the beat.

    Returns how many rows were worked. An error is recorded and raised; what is due stays due. Where a newer
    version of this engine is at work, nothing happens and nothing is recorded.
    """
    close_old_connections()
    nudge.heard(engine.task)
    started = clock.now()
    worked = 0
    try:
        for turn in range(MAX_ROUNDS):
            moment = clock.now()
            spent = moment - started
            # never before something was done, however slow the machine
            if turn and (spent > MAX_STRETCH or (spent > TURN and nudge.again(engine.task))):
                break
            if not engine_versions.may_tick(engine.name, engine.version, moment):
                return worked
            done = tick(moment)
            worked += done
            if done < engine.full:
                break
    except Exception as error:
        _beat(engine, started, worked, f"{type(error).__name__}: {error}"[:500])
        raise
    _beat(engine, started, worked, "")
    return worked


def _beat(engine: Engine, started: datetime, worked: int, error: str) -> None:
    now = clock.now()
    engine_versions.beat(engine.name, engine.version, started=started, now=now, worked=worked, error=error)
    meter.count("worked", engine.name, n=worked)
    meter.count("failed", engine.name, n=int(bool(error)))
    meter.flush(now)
