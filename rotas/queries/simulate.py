"""Who would be called, when and by what, if something broke: a policy walked on paper. Nothing is written."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from accounts.models import User
from notifications.domain.outbox import routes_for
from notifications.domain.outgoing import ways_in_words
from notifications.domain.routes import Route
from rotas.domain import terms as stamped
from rotas.domain.steps import Facts, Position, decide, is_at_end
from rotas.domain.targets import Finder, Found
from rotas.domain.terms import Step, Terms
from rotas.domain.words import sentence
from rotas.models import EscalationPolicy
from rotas.queries.policy import choose, with_steps
from rotas.queries.support import support_of
from rotas.queries.visible import callable_people
from services.models import Service

# As many steps as anybody reads; a real run goes on.
MOST_STEPS: Final = 40
URGENT: Final = "urgent"


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody who is called: why, and by which ways after how many minutes."""

    user: User
    why: str
    ways: tuple[Route, ...]

    @property
    def by(self) -> str:
        """The ways in words: "Inbox, E-mail after 5 min"."""
        return ways_in_words(self.ways)


@dataclass(frozen=True, slots=True)
class Walked:
    """One step: when (UTC), of which policy and place (from 1), whom it calls. `passed_over` says why it calls nobody;
    `missing` is what it didn't find; `fallback`: the people stand in; `watching` are those in training who only hear of it."""

    at: datetime
    policy: str
    step: int
    round: int
    reached: tuple[Reached, ...] = ()
    channels: tuple[str, ...] = ()
    passed_over: str = ""
    missing: str = ""
    fallback: bool = False
    watching: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Simulation:
    """The whole walk if nobody acknowledges. `ends_at` is when calling ends; None where it goes on beyond what is shown, or
    looks for somebody for ever. Without a policy nobody is called."""

    service: Service
    severity: str
    at: datetime
    policy: EscalationPolicy | None
    is_open: bool | None
    steps: tuple[Walked, ...]
    ends_at: datetime | None
    finds_nobody: bool


def simulate(service: Service, severity: str, at: datetime, *, alerts: int = 1) -> Simulation:
    """Walk the policy that would call for the service at an instant, as rotas, policies and hours are known today.

    `alerts` is how many alerts fire at once, for steps that ask. Owners and turns of round robins are not known before.
    """
    chosen = choose(service, severity, at)
    policy = with_steps().filter(pk=chosen.pk).first() if chosen else None
    support = support_of(service, at)
    is_open = support.is_open if support else None
    if policy is None:
        return Simulation(service, severity, at, None, is_open, (), at, finds_nobody=True)
    walk = _Walk(service, severity, alerts, policy, stamped.read(stamped.stamp_of(policy)))
    ends_at = walk.go(Position(0, 0, at))
    found = any(each.reached or each.channels for each in walk.steps)
    return Simulation(
        service, severity, at, policy, is_open, tuple(walk.steps), ends_at, finds_nobody=not found
    )


class _Walk:
    """Where a simulation stands."""

    def __init__(
        self, service: Service, severity: str, alerts: int, policy: EscalationPolicy, terms: Terms
    ) -> None:
        self.service, self.severity, self.alerts = service, severity, alerts
        self.policy, self.terms = policy, terms
        self.steps: list[Walked] = []
        self.walked = {policy.pk}
        self._ways: dict[int, tuple[Route, ...]] = {}

    def go(self, position: Position) -> datetime | None:
        """Walk to the end; when that is."""
        while len(self.steps) < MOST_STEPS:
            if is_at_end(self.terms, position.step):
                return position.due if any(each.reached or each.channels for each in self.steps) else None
            following = self._step(position)
            if following is None:
                return None
            position = following
        return None

    def _step(self, here: Position) -> Position | None:
        at = here.due
        support = support_of(self.service, at)
        facts = Facts(
            self.severity,
            support.is_open if support else None,
            support.opens_at if support else None,
            lambda seconds: self.alerts,
        )
        decision = decide(self.terms, here, at, facts=facts)
        step = self.terms.steps[here.step]
        if decision.act == "skip":
            self._add(here, passed_over=f"for {decision.why}")
            return decision.after
        found = Finder.of([step], at).resolve(step)
        self._found(here, step, found)
        if step.then_policy_id is not None and decision.after is not None:
            return self._go_on_by(step.then_policy_id, decision.after)
        return decision.after

    def _found(self, here: Position, step: Step, found: Found) -> None:
        people, fallback = list(found.people.values()), False
        if not found.is_somebody:
            people, fallback = self._fallback(), True
        reached = tuple(Reached(user, why, self._ways_of(user)) for user, why in people)
        if step.round_robin and len(reached) > 1:
            names = ", ".join(str(each.user) for each in reached)
            reached = (Reached(reached[0].user, f"one of {names}, in turn", reached[0].ways),)
        trainees = [Reached(each.user, each.why, self._ways_of(each.user)) for each in found.trainees]
        self._add(
            here,
            reached=(*reached, *trainees),
            watching=tuple(str(each.user) for each in found.watchers),
            channels=tuple(str(contact) for contact in found.contacts.values()),
            missing=sentence(found.missing) if found.missing else "",
            fallback=fallback,
        )

    def _fallback(self) -> list[tuple[User, str]]:
        keys = [self.terms.fallback_user_id, self.service.owning_team.lead_id]
        people = callable_people().in_bulk([key for key in keys if key is not None])
        names = (f"fallback of {self.policy.name}", "lead of the owning team")
        found = ((people.get(key or 0), why) for key, why in zip(keys, names, strict=True))
        return [(user, why) for user, why in found if user is not None][:1]

    def _ways_of(self, user: User) -> tuple[Route, ...]:
        if user.pk not in self._ways:
            self._ways[user.pk] = routes_for(user, URGENT)
        return self._ways[user.pk]

    def _go_on_by(self, key: int, after: Position) -> Position:
        policy = with_steps().filter(pk=key, is_active=True).first()
        if policy is None or policy.pk in self.walked:
            return after
        self.walked.add(policy.pk)
        self.policy, self.terms = policy, stamped.read(stamped.stamp_of(policy))
        return Position(0, 0, after.due + timedelta())

    def _add(self, here: Position, **more: object) -> None:
        self.steps.append(Walked(here.due, self.policy.name, here.step + 1, here.round + 1, **more))  # type: ignore[arg-type]
