"""Which policy calls for a service and severity."""

from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from rotas.choices import Hours
from rotas.models import EscalationPolicy, PolicyAssignment, PolicyStep, Rota, StepTarget
from rotas.queries.support import support_of
from services.models import Service


def choose(service: Service | None, severity: str, at: datetime | None = None) -> EscalationPolicy | None:
    """The most specific active policy: service and severity, service, severity, any, else the default.

    Of two for the same, the one for the present hours (of the service's support) comes before the one for all; `at` is the
    instant that counts, without it only those for all hours do. An assignment whose policy is switched off doesn't count.
    None where nothing calls.
    """
    assignments = PolicyAssignment.objects.filter(
        Q(service=service) | Q(service__isnull=True),
        Q(severity=severity) | Q(severity=""),
        policy__is_active=True,
    )
    found = list(assignments.select_related("policy"))
    if any(each.hours != Hours.ANY for each in found):
        present = _present(service, at)
        found = [each for each in found if each.hours in {Hours.ANY, present}]
    best = max(
        found,
        key=lambda each: (each.service_id is not None, bool(each.severity), each.hours != Hours.ANY),
        default=None,
    )
    if best is not None:
        return best.policy
    return EscalationPolicy.objects.filter(is_default=True, is_active=True).first()


def _present(service: Service | None, at: datetime | None) -> str:
    """Whether it is support hours; a service that has none is always supported."""
    if at is None:
        return Hours.ANY
    support = support_of(service, at) if service is not None else None
    return Hours.CLOSED if support is not None and not support.is_open else Hours.OPEN


def with_steps() -> QuerySet[EscalationPolicy]:
    """Policies with steps, targets and whom they name: four queries."""
    targets = StepTarget.objects.select_related("rota", "user", "team__lead")
    steps = PolicyStep.objects.select_related("then_policy").prefetch_related(Prefetch("targets", targets))
    return EscalationPolicy.objects.select_related("fallback").prefetch_related(Prefetch("steps", steps))


def called_by(rota: Rota) -> list[PolicyStep]:
    """The steps of active policies that call the on call of a rota, by policy and position."""
    steps = PolicyStep.objects.filter(targets__rota=rota, policy__is_active=True).select_related("policy")
    return list(steps.order_by("policy__name", "position").distinct())
