"""Policies as people read them: who would be called right now by each step, how, and for what they are used."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from core.types import Words
from notifications.choices import Urgency
from notifications.domain.outbox import ways_today
from notifications.domain.outgoing import ways_in_words
from rotas.choices import Hours, TargetKind
from rotas.domain import terms as stamped
from rotas.domain.targets import Finder, Found
from rotas.domain.terms import Step
from rotas.models import EscalationPolicy, PolicyAssignment, PolicyStep, StepTarget
from rotas.queries.policy import with_steps
from rotas.rules import can_be_on_call
from services.models import Service

# As many uses as anybody reads.
MOST_USES: Final = 100


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody who is called, and by what ways, in words."""

    user: User
    by: str


@dataclass(frozen=True, slots=True)
class TargetNow:
    """Whom a step names, and who that is now. `missing` says why it is nobody; `channels` are posted to."""

    target: StepTarget
    reached: tuple[Reached, ...] = ()
    channels: tuple[str, ...] = ()
    missing: str = ""

    @property
    def is_owner(self) -> bool:
        """Whether it depends on who owns the incident."""
        return self.target.kind == TargetKind.OWNER


@dataclass(frozen=True, slots=True)
class StepNow:
    """One step: called `after` the beginning at the earliest, and waited for `wait`. `conditions` are sentences."""

    row: PolicyStep
    number: int
    after: timedelta
    wait: timedelta
    conditions: tuple[Words, ...]
    targets: tuple[TargetNow, ...]

    @property
    def finds_nobody(self) -> bool:
        """Whether it calls nobody now, so that somebody stands in. Where it asks for the owner that is not known before."""
        if any(each.is_owner or each.reached for each in self.targets):
            return False
        # a channel is enough where nothing else is asked for
        return not self.targets or any(each.missing for each in self.targets)


@dataclass(frozen=True, slots=True)
class PolicyNow:
    """A policy as of an instant. `walk` is how long one round takes."""

    policy: EscalationPolicy
    steps: tuple[StepNow, ...]
    walk: timedelta
    fallback: Reached | None

    @property
    def is_lame(self) -> bool:
        """Whether some step finds nobody, and nobody stands in."""
        return self.fallback is None and (not self.steps or any(step.finds_nobody for step in self.steps))


def policies_now(
    policies: Iterable[EscalationPolicy], now: datetime, *, with_ways: bool = True
) -> list[PolicyNow]:
    """Policies that were read `with_steps`, with who is called now. As many queries for many as for one, two fewer without the
    ways to people.
    """
    rows = [(policy, list(policy.steps.all())) for policy in policies]
    terms = {policy.pk: stamped.read(stamped.stamp_of(policy)).steps for policy, _steps in rows}
    finder = Finder.of([step for steps in terms.values() for step in steps], now)
    found = {
        policy.pk: [_resolved(finder, step) for step, _row in zip(terms[policy.pk], steps, strict=False)]
        for policy, steps in rows
    }
    people = {
        user.pk: user
        for each in found.values()
        for step in each
        for target in step
        for user, _why in target.people.values()
    }
    fallbacks = [policy.fallback for policy, _steps in rows if policy.fallback is not None]
    people |= {user.pk: user for user in fallbacks if can_be_on_call(user)}
    ways = ways_today(people.values(), Urgency.URGENT) if people and with_ways else {}
    reached = {key: Reached(user, ways_in_words(ways.get(key, ()))) for key, user in people.items()}
    return [_policy(policy, steps, terms[policy.pk], found[policy.pk], reached) for policy, steps in rows]


def policies_listed() -> QuerySet[EscalationPolicy]:
    """All policies with steps and the number of their assignments as `uses`, those in use first."""
    return with_steps().annotate(uses=Count("assignments")).order_by("-is_active", "-is_default", "name")


def policy_used(slug: str) -> EscalationPolicy | None:
    """The policy of this address with steps and what it is assigned to; five queries."""
    assignments = PolicyAssignment.objects.select_related("service__client").order_by(
        "service__name", "severity", "hours"
    )
    return with_steps().prefetch_related(Prefetch("assignments", assignments)).filter(slug=slug).first()


def service_to_try(policy: EscalationPolicy, services: QuerySet[Service]) -> Service | None:
    """A service, of those given, that this policy calls for. `policy` was read by `policy_used`."""
    uses = list(policy.assignments.all())
    own = [use.service_id for use in uses if use.service_id is not None]
    named = services.filter(pk__in=own).order_by("name").first() if own else None
    if named is None and (policy.is_default or len(own) < len(uses)):
        return services.filter(policy_assignments=None).order_by("name").first()
    return named


def _resolved(finder: Finder, step: Step) -> list[Found]:
    return [finder.resolve(replace(step, targets=(target,))) for target in step.targets]


def _policy(
    policy: EscalationPolicy,
    rows: Sequence[PolicyStep],
    steps: Sequence[Step],
    found: Sequence[Sequence[Found]],
    reached: dict[int, Reached],
) -> PolicyNow:
    after, drawn = timedelta(), []
    for number, (row, step, targets) in enumerate(zip(rows, steps, found, strict=False), start=1):
        wait = timedelta(seconds=step.wait_seconds)
        named = [
            _target(target, each, reached) for target, each in zip(row.targets.all(), targets, strict=True)
        ]
        drawn.append(StepNow(row, number, after, wait, tuple(_conditions(row)), tuple(named)))
        after += wait
    return PolicyNow(policy, tuple(drawn), after, reached.get(policy.fallback_id or 0))


def _target(target: StepTarget, found: Found, reached: dict[int, Reached]) -> TargetNow:
    missing = "" if target.kind == TargetKind.OWNER else "; ".join(found.missing)
    channels = tuple(str(contact) for contact in found.contacts.values())
    return TargetNow(target, tuple(reached[key] for key in found.people), channels, missing)


def _conditions(step: PolicyStep) -> Iterable[Words]:
    """When it is called, and how, in words; nothing for a step that always is."""
    if step.severities:
        yield _("only for %(those)s") % {"those": _joined(step.severities)}
    if step.hours == Hours.OPEN:
        yield _("only in support hours")
    if step.hours == Hours.CLOSED:
        yield _("only outside support hours")
    if step.alerts_more_than is not None:
        words = ngettext(
            "only when more than %(n)d alert fired within %(minutes)d min",
            "only when more than %(n)d alerts fired within %(minutes)d min",
            step.alerts_more_than,
        )
        yield words % {"n": step.alerts_more_than, "minutes": step.alerts_within_minutes}
    if step.round_robin:
        yield _("one of them, in turn")
    if step.waits_for_hours:
        yield _("outside support hours the wait lasts until they begin")


def _joined(names: Collection[str]) -> str:
    first, last = list(names)[:-1], list(names)[-1]
    return _("%(first)s and %(last)s") % {"first": ", ".join(first), "last": last} if first else last
