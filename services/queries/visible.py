"""Which services a person may see. Every list and detail starts here."""

from typing import Any

from django.db.models import Q, QuerySet

from accounts.choices import TeamKind
from accounts.rules import is_stakeholder, is_support
from services.models import Client, Service

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


def sees_internal(user: Any) -> Q:
    """Services on whose incidents this stakeholder reads internal lines too: Engineering and Platform Ops."""
    inside = [TeamKind.ENGINEERING, TeamKind.PLATFORM_OPS]
    return Q(parties__memberships__user=user, parties__kind__in=inside)


def _theirs(user: Any) -> Q:
    return Q(client__members__user=user) | Q(
        parties__memberships__user=user, parties__kind__in=_OUTSIDE_KINDS
    )
