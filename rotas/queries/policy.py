"""Which policy calls for a service and severity."""

from django.db.models import Prefetch, Q, QuerySet

from rotas.models import EscalationPolicy, PolicyAssignment, PolicyStep, Rota, StepTarget
from services.models import Service


def choose(service: Service | None, severity: str) -> EscalationPolicy | None:
    """The most specific active policy: service and severity, service, severity, any, else the default.

    An assignment whose policy is switched off doesn't count. None where nothing calls.
    """
    assignments = PolicyAssignment.objects.filter(
        Q(service=service) | Q(service__isnull=True),
        Q(severity=severity) | Q(severity=""),
        policy__is_active=True,
    )
    best = max(
        assignments.select_related("policy"),
        key=lambda each: (each.service_id is not None, bool(each.severity)),
        default=None,
    )
    if best is not None:
        return best.policy
    return EscalationPolicy.objects.filter(is_default=True, is_active=True).first()


def with_steps() -> QuerySet[EscalationPolicy]:
    """Policies with steps, targets and whom they name: four queries."""
    targets = StepTarget.objects.select_related("rota", "user", "team__lead")
    steps = PolicyStep.objects.prefetch_related(Prefetch("targets", targets))
    return EscalationPolicy.objects.select_related("fallback").prefetch_related(Prefetch("steps", steps))


def called_by(rota: Rota) -> list[PolicyStep]:
    """The steps of active policies that call the on call of a rota, by policy and position."""
    steps = PolicyStep.objects.filter(targets__rota=rota, policy__is_active=True).select_related("policy")
    return list(steps.order_by("policy__name", "position").distinct())
