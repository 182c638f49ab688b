"""The walk along a policy, decided in pure functions of (where the run stands, now)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from rotas.domain.terms import Terms

# A step that called nobody is not waited for: nobody is there to acknowledge.
NOBODY_WAIT: Final = timedelta(seconds=30)
# Where no step found anybody at all, the walk begins again after this long, and again, until one does.
LOOK_AGAIN: Final = timedelta(minutes=5)
MOST_ROUNDS: Final = 32_000


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
    """`wait`: nothing is due. `call`: call the step it stands at, then stand at `after`. `exhausted`: end.

    `again`: everything was walked and nobody was found; stand at `after`, which is the first step, later.
    """

    act: Literal["wait", "call", "exhausted", "again"]
    after: Position | None = None


def decide(
    terms: Terms, at: Position, now: datetime, *, found: Callable[[], bool] = lambda: True
) -> Decision:
    """What a run at this position does now.

    However late the tick, it calls one step and counts the next wait from now: an engine that was away
    never bursts. `found` tells, when it comes to that, whether any step of the run has called anybody: a walk
    that hasn't is not over.
    """
    if at.due > now:
        return Decision("wait")
    if is_at_end(terms, at.step):
        if found():
            return Decision("exhausted")
        return Decision("again", Position(0, min(at.round + 1, MOST_ROUNDS), now + LOOK_AGAIN))
    due = now + timedelta(seconds=terms.steps[at.step].wait_seconds)
    if at.step + 1 == len(terms.steps) and at.round < terms.repeats:
        return Decision("call", Position(0, at.round + 1, due))
    return Decision("call", Position(at.step + 1, at.round, due))


def is_at_end(terms: Terms, step: int) -> bool:
    """Whether no step is left to call."""
    return step >= len(terms.steps)
