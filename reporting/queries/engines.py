"""The page of engines and its API in one value."""

from dataclasses import dataclass
from datetime import datetime
from math import inf

from core import meter, watch
from core.engines import Engine
from core.heartbeat import Heartbeat, heartbeat
from core.ui.words import duration
from core.waiting import StuckRow

SPARK_MINUTES = 30
LATENESS_MINUTES = 5
SHOWN = 10


@dataclass(frozen=True, slots=True)
class EngineRow:
    """One engine: its state, how late it worked during the last five minutes, and what it worked by minute.

    `p50` and `p99` are upper bounds in seconds (None where it worked nothing, infinity beyond five minutes).
    """

    state: watch.State
    p50: float | None
    p99: float | None
    worked: tuple[int, ...]

    @property
    def tone(self) -> str:
        """bad: late or failed; watch: something is stuck; ok."""
        if self.state.words:
            return "bad"
        return "watch" if self.state.waiting and self.state.waiting.stuck else "ok"

    @property
    def lateness(self) -> str:
        """How late 99 of 100 rows were worked at most, in words."""
        if self.p99 is None:
            return "–"
        if self.p99 == inf:
            return f"> {duration(meter.BOUNDS[-1])}"
        return f"≤ {self.p99:g} s" if self.p99 < 60 else f"≤ {duration(self.p99)}"


@dataclass(frozen=True, slots=True)
class Engines:
    """All of them as of an instant, with the rows that do not get on."""

    rows: tuple[EngineRow, ...]
    stuck: tuple[tuple[Engine, list[StuckRow]], ...]
    heartbeat: Heartbeat

    @property
    def late(self) -> list[watch.State]:
        return watch.late(row.state for row in self.rows)

    @property
    def all_well(self) -> bool:
        return all(row.tone == "ok" for row in self.rows) and not self.heartbeat.trouble


def engines(now: datetime) -> Engines:
    """Beats, queues and lateness of every engine. Bounded, whatever has piled up."""
    by_minute = meter.last_minutes(now, SPARK_MINUTES)
    lately = meter.added(by_minute[-LATENESS_MINUTES:])
    rows = [_row(state, by_minute, lately) for state in watch.look(now)]
    return Engines(tuple(rows), tuple(watch.stuck_rows(now, SHOWN)), heartbeat(now))


def _row(
    state: watch.State, by_minute: list[dict[meter.Labels, int]], lately: dict[meter.Labels, int]
) -> EngineRow:
    name = state.engine.name
    late = meter.lateness_of(name, lately)
    worked = tuple(counts.get(("worked", name), 0) for counts in by_minute)
    return EngineRow(state, late.percentile(50), late.percentile(99), worked)
