"""The terms of a run: its policy as it stood at the start. Editing tomorrow doesn't rewrite tonight."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from rotas.choices import Hours
from rotas.models import EscalationPolicy, PolicyStep, StepTarget
from rotas.queries.policy import with_steps
from services.choices import Severity

# How long to wait after the fallback of a policy that has no steps.
EMPTY_WAIT_SECONDS: Final = 300


class Unreadable(ValueError):
    """The stamped terms are not of a form that this release knows."""


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a step calls: the key that fits `kind` (a `TargetKind`) is set; names are as they were.

    `chosen_by` is who chose this person, on a step that was put in by hand.
    """

    kind: str
    rota_id: int | None = None
    rota_name: str = ""
    user_id: int | None = None
    team_id: int | None = None
    team_name: str = ""
    contact_id: int | None = None
    chosen_by: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """Call the targets, then wait `wait_seconds` for somebody to acknowledge (`until_open`: and until support hours).

    It is passed over where a condition doesn't hold: `severities` (none: all), `hours` (of the service's support), and
    `alerts_more_than` within `alerts_within` seconds. `round_robin` calls one of those found, the next one each time;
    `number` is the step's key, by which turns are counted. `then_policy_id`: afterwards it goes on by that policy.
    `by_hand`: somebody put it in; it is called in this round only, and none of the policy's.
    """

    wait_seconds: int
    targets: tuple[Target, ...] = ()
    severities: tuple[str, ...] = ()
    hours: str = Hours.ANY
    alerts_more_than: int | None = None
    alerts_within: int = 600
    until_open: bool = False
    round_robin: bool = False
    number: int | None = None
    then_policy_id: int | None = None
    by_hand: bool = False

    @property
    def asks_hours(self) -> bool:
        """Whether it matters if it is support hours."""
        return self.until_open or self.hours != Hours.ANY


@dataclass(frozen=True, slots=True)
class Terms:
    """Steps, how often they are walked again, and whom to call where a step finds nobody.

    `repage_seconds`: after an acknowledgement it calls again when nothing was written for so long; None: it never does.
    `walked` are the policies that it went through before.
    """

    steps: tuple[Step, ...]
    repeats: int
    fallback_user_id: int | None
    repage_seconds: int | None = None
    walked: tuple[int, ...] = ()

    @property
    def own(self) -> tuple[int, ...]:
        """Where the policy's own steps stand: their indexes, in order."""
        return tuple(index for index, step in enumerate(self.steps) if not step.by_hand)

    def number_of(self, index: int) -> int:
        """The number of a step among the policy's own, from 1; 0 for one that was put in by hand."""
        own = self.own
        return own.index(index) + 1 if index in own else 0


_TARGET_FIELDS: Final = frozenset(field.name for field in fields(Target))


def stamp(policy: EscalationPolicy) -> dict[str, Any]:
    """The policy as JSON, to be kept on the run; `read` gives it back."""
    return stamp_of(with_steps().get(pk=policy.pk))


def stamp_of(policy: EscalationPolicy) -> dict[str, Any]:
    """`stamp` of a policy that was read `with_steps`."""
    return {
        "steps": [_step(step) for step in policy.steps.all()],
        "repeats": policy.repeats,
        "fallback_user_id": policy.fallback_id,
        "repage_seconds": policy.repage_minutes * 60 if policy.repage_minutes else None,
    }


def empty(stamped: Any) -> dict[str, Any]:
    """Terms for a run whose own can't be read: one step that finds nobody, and the fallback if that is left."""
    fallback = stamped.get("fallback_user_id") if isinstance(stamped, Mapping) else None
    return {"steps": [], "repeats": 0, "fallback_user_id": fallback if isinstance(fallback, int) else None}


def read(stamped: Any) -> Terms:
    """Stamped terms as values. A policy without steps is one step that finds nobody.

    What a newer release has added is passed over, what an older one did not know is as it was then. Raises Unreadable.
    """
    try:
        steps = tuple(_read_step(step) for step in stamped["steps"])
        return Terms(
            steps or (Step(EMPTY_WAIT_SECONDS),),
            _number(stamped["repeats"]),
            _key(stamped["fallback_user_id"]),
            _key(stamped.get("repage_seconds")),
            tuple(_number(key) for key in stamped.get("walked", ())),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error


def _read_step(step: Any) -> Step:
    wait = _number(step["wait_seconds"])
    if wait < 1:
        raise ValueError("a step waits at least a second")
    return Step(
        wait,
        tuple(_read_target(target) for target in step["targets"]),
        tuple(_one_of(Severity.values, each) for each in step.get("severities", ())),
        _one_of(Hours.values, step.get("hours", Hours.ANY)),
        _key(step.get("alerts_more_than")),
        _number(step.get("alerts_within", 600)),
        bool(step.get("until_open", False)),
        bool(step.get("round_robin", False)),
        _key(step.get("number")),
        _key(step.get("then_policy_id")),
        bool(step.get("by_hand", False)),
    )


def _read_target(target: Mapping[str, Any]) -> Target:
    found = Target(**{name: value for name, value in target.items() if name in _TARGET_FIELDS})
    for key in (found.rota_id, found.user_id, found.team_id, found.contact_id):
        _key(key)
    return found


def _one_of(known: list[str], value: Any) -> str:
    if value not in known:
        raise ValueError(f"{value!r} is none of {', '.join(known)}")
    return str(value)


def _key(value: Any) -> int | None:
    return None if value is None else _number(value)


def _number(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is no whole number")
    return value


def _step(step: PolicyStep) -> dict[str, Any]:
    return {
        "wait_seconds": step.wait_minutes * 60,
        "targets": [_target(target) for target in step.targets.all()],
        "severities": list(step.severities),
        "hours": step.hours,
        "alerts_more_than": step.alerts_more_than,
        "alerts_within": step.alerts_within_minutes * 60,
        "until_open": step.waits_for_hours,
        "round_robin": step.round_robin,
        "number": step.pk,
        "then_policy_id": step.then_policy_id,
    }


def _target(target: StepTarget) -> dict[str, Any]:
    return {
        "kind": target.kind,
        "rota_id": target.rota_id,
        "rota_name": target.rota.name if target.rota else "",
        "user_id": target.user_id,
        "team_id": target.team_id,
        "team_name": target.team.name if target.team else "",
        "contact_id": target.contact_id,
    }
