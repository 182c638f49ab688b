"""Steps that somebody put into the terms of a run: a person to call beside those of the policy.

Such a step stands where the run stood, so that the chain goes on behind it. It belongs to the round that it was put in:
the next one is walked by the policy alone.
"""

from typing import Any, Final

from rotas.choices import TargetKind
from rotas.domain.terms import EMPTY_WAIT_SECONDS
from rotas.models import EscalationRun

# The name of a run that walks no policy.
CALLED_BY_HAND: Final = "Called by hand"


def put_in(stamped: dict[str, Any], at: int, user_id: int, chosen_by: str) -> dict[str, Any]:
    """Readable terms with this person to be called at index `at`, the wait behind them that of the step that stood there.

    A step put in by hand that still waits to be called there takes the person as well: nobody who was chosen waits for another.
    """
    steps = _steps(stamped)
    target = {"kind": TargetKind.PERSON, "user_id": user_id, "chosen_by": chosen_by}
    here = steps[at] if at < len(steps) else None
    if here is not None and _is_by_hand(here):
        named = any(each.get("user_id") == user_id for each in here["targets"])
        steps[at] = here if named else {**here, "targets": [*here["targets"], target]}
    else:
        wait = here["wait_seconds"] if here is not None else EMPTY_WAIT_SECONDS
        steps.insert(at, {"wait_seconds": wait, "targets": [target], "by_hand": True})
    return {**stamped, "steps": steps}


def put_before(stamped: dict[str, Any], at: int, step: dict[str, Any]) -> dict[str, Any]:
    """Readable terms with a step that was put in by hand before moved to index `at`; what stands there follows at once."""
    steps = _steps(stamped)
    steps.insert(at, {**step, "wait_seconds": 1})
    return {**stamped, "steps": steps}


def waiting_at(stamped: Any, at: int) -> dict[str, Any] | None:
    """The step put in by hand that stands at this index, if one does."""
    steps = stamped["steps"] if _has_steps(stamped) else []
    found: dict[str, Any] | None = steps[at] if at < len(steps) and _is_by_hand(steps[at]) else None
    return found


def take_out(stamped: dict[str, Any], at: int) -> dict[str, Any]:
    """Terms without the step put in by hand at this index; where nothing else would be left, as they are."""
    if waiting_at(stamped, at) is None or is_only_by_hand(stamped):
        return stamped
    return {**stamped, "steps": [*stamped["steps"][:at], *stamped["steps"][at + 1 :]]}


def alone() -> dict[str, Any]:
    """The terms of a run of no policy, before somebody is put in."""
    return {"steps": [], "repeats": 0, "fallback_user_id": None, "by_hand": True}


def own_terms(stamped: dict[str, Any]) -> dict[str, Any]:
    """Terms without what was put in by hand. Where nothing else is left, or they can't be read, as they are."""
    if not _has_steps(stamped) or is_only_by_hand(stamped):
        return stamped
    return {**stamped, "steps": [step for step in stamped["steps"] if not _is_by_hand(step)]}


def terms_in(run: EscalationRun, round_: int) -> dict[str, Any]:
    """The terms of a run in a round: in another one than it stands in, without what was put in by hand."""
    terms: dict[str, Any] = run.terms
    return terms if round_ == run.round else own_terms(terms)


def is_only_by_hand(stamped: Any) -> bool:
    """Whether these are the terms of a run of no policy."""
    return isinstance(stamped, dict) and bool(stamped.get("by_hand"))


def _steps(stamped: dict[str, Any]) -> list[Any]:
    """The steps, a new list; of a policy that has none the one that finds nobody, so that its fallback stays."""
    if stamped["steps"] or is_only_by_hand(stamped):
        return list(stamped["steps"])
    return [{"wait_seconds": EMPTY_WAIT_SECONDS, "targets": []}]


def _is_by_hand(step: Any) -> bool:
    return isinstance(step, dict) and bool(step.get("by_hand"))


def _has_steps(stamped: Any) -> bool:
    return isinstance(stamped, dict) and isinstance(stamped.get("steps"), list)
