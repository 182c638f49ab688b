"""The walk along a policy, decided in pure functions of (where the run stands, now)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from rotas.domain.terms import Terms


@dataclass(frozen=True, slots=True)
class Position:
    """The next step to call (an index), in which round (from 0), due when.

    In the last round the index after the last step stands for the end: due once its wait is over.
    """

    step: int
    round: int
    due: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """`wait`: nothing is due. `call`: call the step it stands at, then stand at `after`. `exhausted`: end."""

    act: Literal["wait", "call", "exhausted"]
    after: Position | None = None


def decide(terms: Terms, at: Position, now: datetime) -> Decision:
    """What a run at this position does now.

    However late the tick, it calls one step and counts the next wait from now: an engine that was away
    never bursts.
    """
    if at.due > now:
        return Decision("wait")
    if is_at_end(terms, at.step):
        return Decision("exhausted")
    due = now + timedelta(seconds=terms.steps[at.step].wait_seconds)
    if at.step + 1 == len(terms.steps) and at.round < terms.repeats:
        return Decision("call", Position(0, at.round + 1, due))
    return Decision("call", Position(at.step + 1, at.round, due))


def is_at_end(terms: Terms, step: int) -> bool:
    """Whether no step is left to call."""
    return step >= len(terms.steps)
