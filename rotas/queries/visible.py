"""Which rotas, overrides, policies and runs a person may see. Every list and detail starts here."""

from typing import Any

from django.db.models import Prefetch, QuerySet

from accounts.choices import Role
from accounts.models import User
from rotas.models import Call, EscalationPolicy, EscalationRun, Leave, Override, Rota, Shadow, Swap
from rotas.queries.policy import with_steps
from rotas.rules import can_be_on_call, can_plan, can_see_rotas


def rotas_visible_to(user: Any) -> QuerySet[Rota]:
    """Support sees all, retired ones too; anybody else nothing."""
    rotas = Rota.objects.select_related("team")
    return rotas if can_see_rotas(user) else rotas.none()


def overrides_visible_to(user: Any) -> QuerySet[Override]:
    """Those of the rotas one sees."""
    overrides = Override.objects.select_related("rota", "user__site", "replaces__site", "created_by")
    return overrides if can_see_rotas(user) else overrides.none()


def shadows_visible_to(user: Any) -> QuerySet[Shadow]:
    """Those of the rotas one sees."""
    shadows = Shadow.objects.select_related("rota", "user__site", "created_by")
    return shadows if can_see_rotas(user) else shadows.none()


def swaps_visible_to(user: Any) -> QuerySet[Swap]:
    """Support sees all: whoever covers whom is everybody's business."""
    swaps = Swap.objects.select_related("rota", "giver__site", "taker__site")
    return swaps if can_see_rotas(user) else swaps.none()


def leave_visible_to(user: Any) -> QuerySet[Leave]:
    """One's own; leads see everybody's."""
    leave = Leave.objects.select_related("user__site", "decided_by")
    if can_plan(user):
        return leave
    return leave.filter(user=user) if can_be_on_call(user) else leave.none()


def policies_visible_to(user: Any) -> QuerySet[EscalationPolicy]:
    """Support sees all, with steps and targets."""
    return with_steps() if can_see_rotas(user) else EscalationPolicy.objects.none()


def runs_visible_to(user: Any) -> QuerySet[EscalationRun]:
    """Support sees all."""
    runs = EscalationRun.objects.prefetch_related(Prefetch("calls", Call.objects.select_related("user")))
    return runs if can_see_rotas(user) else runs.none()


def callable_people() -> QuerySet[User]:
    """Who can be put on call; the queryset of `rules.can_be_on_call`."""
    roles = [Role.RESPONDER, Role.LEAD, Role.ADMINISTRATOR]
    return User.objects.filter(is_active=True, role__in=roles).select_related("site").order_by("name", "pk")
