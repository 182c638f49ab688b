"""Planned work: what is to come, what is under way, and which time of a service it takes out of the numbers."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Prefetch, QuerySet
from django.db.models.expressions import Expression
from django.utils.translation import gettext as _

from core.intervals import Interval, clip, union
from services.models import MaintenanceWindow, Service
from services.queries.visible import services_visible_to
from services.types import Truth

Through = MaintenanceWindow.services.through


def maintenance_visible_to(user: object) -> QuerySet[MaintenanceWindow]:
    """Planned work on services this person may see; `services.all()` of each are those only."""
    visible = services_visible_to(user)
    mine = Through.objects.filter(service__in=visible).values("maintenancewindow")
    shown = Prefetch("services", visible.order_by("name", "pk"))
    return MaintenanceWindow.objects.filter(pk__in=mine).select_related("created_by").prefetch_related(shown)


def ahead_of(service: Service, now: datetime) -> list[MaintenanceWindow]:
    """Planned work on a service that is under way or to come, the next first; the first five."""
    standing = MaintenanceWindow.objects.filter(services=service, cancelled_at=None, ends_at__gt=now)
    return list(standing.order_by("starts_at", "pk")[:5])


def excluded(
    service: Service, start: datetime, end: datetime, *, announced_only: bool = True
) -> list[Interval[datetime]]:
    """Which time of `[start, end)` planned work takes out of a service's numbers: sorted, disjoint. One query.

    `announced_only`: work that its clients were not told of counts as ordinary time.
    """
    return planned([service.pk], start, end, announced_only=announced_only).get(service.pk, [])


def planned(
    service_ids: Collection[int], start: datetime, end: datetime, *, announced_only: bool = True
) -> dict[int, list[Interval[datetime]]]:
    """As `excluded`, for many services at once. One query."""
    rows = Through.objects.filter(
        service__in=service_ids,
        maintenancewindow__cancelled_at=None,
        maintenancewindow__starts_at__lt=end,
        maintenancewindow__ends_at__gt=start,
    )
    if announced_only:
        rows = rows.filter(maintenancewindow__announced=True)
    found: dict[int, list[Interval[datetime]]] = defaultdict(list)
    for service_id, starts_at, ends_at in rows.values_list(
        "service_id", "maintenancewindow__starts_at", "maintenancewindow__ends_at"
    ):
        found[service_id].append(Interval(starts_at, ends_at))
    return {key: union(clip(windows, start, end)) for key, windows in found.items()}


def under_way(service_ids: Collection[int], now: datetime | Expression) -> Mapping[int, Truth]:
    """Services that are being worked on as planned, as a truth. One query; `now` may be an expression of SQL."""
    rows = (
        Through.objects.filter(
            service__in=service_ids,
            maintenancewindow__cancelled_at=None,
            maintenancewindow__starts_at__lte=now,
            maintenancewindow__ends_at__gt=now,
        )
        .order_by("service_id", "maintenancewindow__ends_at", "pk")
        .values_list("service_id", "maintenancewindow_id", "maintenancewindow__title")
    )
    return {
        service_id: Truth("none", _("Planned work"), title, f"/services/maintenance/#mw-{pk}")
        for service_id, pk, title in rows
    }
