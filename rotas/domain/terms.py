"""The terms of a run: its policy as it stood at the start. Editing tomorrow doesn't rewrite tonight."""

from dataclasses import dataclass
from typing import Any, Final

from rotas.models import EscalationPolicy, PolicyStep, StepTarget
from rotas.queries.policy import with_steps

# How long to wait after the fallback of a policy that has no steps.
EMPTY_WAIT_SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a step calls: the key that fits `kind` (a `TargetKind`) is set; names are as they were."""

    kind: str
    rota_id: int | None = None
    rota_name: str = ""
    user_id: int | None = None
    team_id: int | None = None
    team_name: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """Call the targets, then wait `wait_seconds` for somebody to acknowledge."""

    wait_seconds: int
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """Steps, how often they are walked again, and whom to call where a step finds nobody."""

    steps: tuple[Step, ...]
    repeats: int
    fallback_user_id: int | None


def stamp(policy: EscalationPolicy) -> dict[str, Any]:
    """The policy as JSON, to be kept on the run; `read` gives it back."""
    policy = with_steps().get(pk=policy.pk)
    return {
        "steps": [_step(step) for step in policy.steps.all()],
        "repeats": policy.repeats,
        "fallback_user_id": policy.fallback_id,
    }


def read(stamped: dict[str, Any]) -> Terms:
    """Stamped terms as values. A policy without steps is one step that finds nobody."""
    steps = tuple(
        Step(step["wait_seconds"], tuple(Target(**target) for target in step["targets"]))
        for step in stamped["steps"]
    )
    return Terms(steps or (Step(EMPTY_WAIT_SECONDS),), stamped["repeats"], stamped["fallback_user_id"])


def _step(step: PolicyStep) -> dict[str, Any]:
    return {
        "wait_seconds": step.wait_minutes * 60,
        "targets": [_target(target) for target in step.targets.all()],
    }


def _target(target: StepTarget) -> dict[str, Any]:
    return {
        "kind": target.kind,
        "rota_id": target.rota_id,
        "rota_name": target.rota.name if target.rota else "",
        "user_id": target.user_id,
        "team_id": target.team_id,
        "team_name": target.team.name if target.team else "",
    }
