"""Whom an incident of a service would call, were it opened now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from rotas.models import EscalationPolicy, Rota, StepTarget
from rotas.queries.oncall import AHEAD, BACK, OnCallNow, now_of, plans
from rotas.queries.policy import choose, with_steps
from services.models import Service

WORST = "SEV1"


@dataclass(frozen=True, slots=True)
class Called:
    """One target of a step: who it is now. `after` is the wait since the incident opened.

    `rota` and `until` are set where the people are those on call; no people means that the step finds nobody.
    """

    position: int
    after: timedelta
    users: tuple[User, ...]
    rota: Rota | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Calls:
    """The policy that a service's worst incidents walk, and whom each step calls now."""

    policy: EscalationPolicy
    targets: tuple[Called, ...]


def whom_it_calls(service: Service, now: datetime) -> Calls | None:
    """None where no policy calls for the service. Nine queries, however many steps."""
    chosen = choose(service, WORST, now)
    policy = with_steps().filter(pk=chosen.pk).first() if chosen else None
    if policy is None:
        return None
    steps = list(policy.steps.all())
    rotas = {target.rota_id: target.rota for step in steps for target in step.targets.all() if target.rota}
    on_call = {plan.rota.pk: now_of(plan, now) for plan in plans(rotas.values(), now - BACK, now + AHEAD)}
    found, after = [], timedelta()
    for step in steps:
        found += [_called(step.position, after, target, on_call) for target in step.targets.all()]
        after += timedelta(minutes=step.wait_minutes)
    return Calls(policy, tuple(found))


def _called(position: int, after: timedelta, target: StepTarget, on_call: dict[int, OnCallNow]) -> Called:
    if target.rota is not None:
        present = on_call[target.rota.pk]
        return Called(position, after, present.users, target.rota, present.until)
    person = target.user or (target.team.lead if target.team else None)
    return Called(position, after, (person,) if person else ())
