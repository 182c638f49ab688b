"""Which services a person may see. Every list and detail starts here."""

from typing import Any

from django.db.models import Q, QuerySet

from accounts.choices import TeamKind
from accounts.rules import is_member, is_stakeholder, is_support
from services.models import Client, Dependency, PartyTerms, ReadinessResult, Service

_OUTSIDE_KINDS = [TeamKind.ENGINEERING, TeamKind.PLATFORM_OPS, TeamKind.PARTNER]


def services_visible_to(user: Any) -> QuerySet[Service]:
    """Support sees all; a stakeholder the services of their clients and of their teams; anybody else nothing."""
    if is_support(user):
        return Service.objects.all()
    if is_stakeholder(user):
        return Service.objects.filter(_theirs(user)).distinct()
    return Service.objects.none()


def clients_visible_to(user: Any) -> QuerySet[Client]:
    """Support sees all; a stakeholder their own."""
    if is_support(user):
        return Client.objects.all()
    if is_stakeholder(user):
        return Client.objects.filter(members__user=user).distinct()
    return Client.objects.none()


def terms_visible_to(user: Any) -> QuerySet[PartyTerms]:
    """The template's for every member; a service's own for whoever sees the service."""
    if not is_member(user):
        return PartyTerms.objects.none()
    return PartyTerms.objects.filter(Q(service__isnull=True) | Q(service__in=services_visible_to(user)))


def dependencies_visible_to(user: Any) -> QuerySet[Dependency]:
    """Those between two services that the person sees."""
    visible = services_visible_to(user).order_by().values("pk")
    return Dependency.objects.filter(upstream__in=visible, downstream__in=visible)


def readiness_visible_to(user: Any) -> QuerySet[ReadinessResult]:
    """How services stand to our own standards is the support organisation's."""
    return ReadinessResult.objects.all() if is_support(user) else ReadinessResult.objects.none()


def sees_internal(user: Any) -> Q:
    """Services on whose incidents this stakeholder reads internal lines too: Engineering and Platform Ops."""
    inside = [TeamKind.ENGINEERING, TeamKind.PLATFORM_OPS]
    return Q(parties__memberships__user=user, parties__kind__in=inside)


def _theirs(user: Any) -> Q:
    return Q(client__members__user=user) | Q(
        parties__memberships__user=user, parties__kind__in=_OUTSIDE_KINDS
    )
