"""The walk along a policy, decided in pure functions of (where the run stands, now)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from rotas.choices import Hours
from rotas.domain.terms import Step, Terms

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

    `again`: everything was walked and nobody was found; stand at `after`, which is the first step, later. `skip`: a
    condition of the step doesn't hold, for the reason in `why`; stand at `after`, which is due at once.
    """

    act: Literal["wait", "call", "exhausted", "again", "skip"]
    after: Position | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the conditions of steps ask about.

    `is_open`: whether it is support hours; None where the service has none, which is as if it always were. `opens_at`: when
    they begin next, where they are over. `alerts(seconds)`: how many alerts fired within so long.
    """

    severity: str = ""
    is_open: bool | None = None
    opens_at: datetime | None = None
    alerts: Callable[[int], int] = lambda seconds: 0


def decide(
    terms: Terms,
    at: Position,
    now: datetime,
    *,
    found: Callable[[], bool] = lambda: True,
    facts: Facts | None = None,
) -> Decision:
    """What a run at this position does now.

    However late the tick, it calls one step and counts the next wait from now: an engine that was away
    never bursts. `found` tells, when it comes to that, whether any step of the run has called anybody: a walk
    that hasn't is not over. Without `facts` every condition holds.
    """
    if at.due > now:
        return Decision("wait")
    if is_at_end(terms, at.step):
        if found():
            return Decision("exhausted")
        return Decision("again", Position(0, min(at.round + 1, MOST_ROUNDS), now + LOOK_AGAIN))
    step = terms.steps[at.step]
    why = "" if facts is None else unmet(step, facts)
    if why:
        return Decision("skip", _next(terms, at, now), why)
    due = now + timedelta(seconds=step.wait_seconds)
    if step.until_open and facts is not None and facts.is_open is False and facts.opens_at is not None:
        due = max(due, facts.opens_at)
    return Decision("call", _next(terms, at, due))


def unmet(step: Step, facts: Facts) -> str:
    """Why a step is passed over, as words after "it is for"; empty where it isn't."""
    if step.severities and facts.severity not in step.severities:
        return f"{' and '.join(step.severities)} only"
    if step.hours == Hours.OPEN and facts.is_open is False:
        return "support hours only"
    if step.hours == Hours.CLOSED and facts.is_open is not False:
        return "outside support hours only"
    if step.alerts_more_than is not None and facts.alerts(step.alerts_within) <= step.alerts_more_than:
        return f"more than {step.alerts_more_than} alerts in {step.alerts_within // 60} min only"
    return ""


def _next(terms: Terms, at: Position, due: datetime) -> Position:
    if at.step + 1 == len(terms.steps) and at.round < terms.repeats:
        return Position(0, at.round + 1, due)
    return Position(at.step + 1, at.round, due)


def is_at_end(terms: Terms, step: int) -> bool:
    """Whether no step is left to call."""
    return step >= len(terms.steps)
