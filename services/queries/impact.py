"""When services failed those who use them."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from fractions import Fraction

from django.db.models import Q, QuerySet

from core.compiled import compiled
from core.intervals import Interval
from services.domain.budget import Spell
from services.models import ImpactWindow
from services.queries.visible import services_visible_to


def impacts_visible_to(user: object) -> QuerySet[ImpactWindow]:
    """Windows of the services this person may see."""
    return ImpactWindow.objects.filter(service__in=services_visible_to(user))


def of_incident(incident_id: int) -> list[ImpactWindow]:
    """What was said of an incident, in its order; the first twenty."""
    return _of_incident(incident_id)


@compiled
def _of_incident(incident: int) -> QuerySet[ImpactWindow]:
    return ImpactWindow.objects.filter(incident_id=incident).order_by("starts_at", "pk")[:20]


def spells(service_ids: Collection[int], start: datetime, end: datetime) -> dict[int, list[Spell]]:
    """What failed of each service within `[start, end)`; what goes on lasts until `end`. One query."""
    found: dict[int, list[Spell]] = defaultdict(list)
    rows = (
        ImpactWindow.objects.filter(Q(ends_at=None) | Q(ends_at__gt=start), service__in=service_ids)
        .filter(starts_at__lt=end)
        .order_by()
        .values_list("service_id", "starts_at", "ends_at", "share")
    )
    for service_id, starts_at, ends_at, share in rows:
        found[service_id].append(Spell(Interval(starts_at, ends_at or end), Fraction(share) / 100))
    return found
