"""Alerts for lists and pages. Everything starts at `alerts_visible_to`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Func, IntegerField, QuerySet, Value, When
from django.db.models.fields.json import KT

from accounts.rules import is_support
from core.compiled import Reader, compiled
from monitoring.choices import AlertStatus
from monitoring.models import Alert, AlertChange, AlertOccurrence, RawDelivery
from services.queries.visible import services_visible_to

NEWEST_FIRST = ("-last_seen_at", "-pk")


def alerts_visible_to(user: Any) -> QuerySet[Alert]:
    """Support sees all, unrouted ones too; others the alerts of the services they may see."""
    alerts = Alert.objects.select_related("service__client", "integration")
    if is_support(user):
        return alerts
    return alerts.filter(service__in=services_visible_to(user).values("pk"))


@dataclass(frozen=True, slots=True)
class Listed:
    """What a row shows of an alert. `service` is None where it is unrouted, `client` where the service is our own."""

    pk: int
    severity: str
    title: str
    status: str
    resolve_reason: str
    service_hint: str
    starts_at: datetime
    last_seen_at: datetime
    count: int
    coalesced: int
    integration: str
    alertname: str | None
    service: str | None
    client: str | None


def listed(rows: QuerySet[Alert]) -> list[Listed]:
    """The rows as a list shows them, in their order. One query."""
    return [Listed(*each) for each in _columns(rows)]


def of_view(alerts: QuerySet[Alert], view: str) -> QuerySet[Alert]:
    """What belongs to a tab."""
    if view == "unrouted":
        return alerts.filter(service__isnull=True)
    return alerts if view == "all" else alerts.filter(status=view)


def newest_of_view(user: Any, view: str, count: int) -> list[Listed]:
    """The newest so many of a tab without filters. One query."""
    return [Listed(*each) for each in _of_view(user, view=view, count=count)]


@compiled
def _of_view(reader: Reader, *, view: str, count: int) -> QuerySet[Alert, Any]:
    return _columns(of_view(alerts_visible_to(reader), view).order_by(*NEWEST_FIRST))[:count]


def _columns(rows: QuerySet[Alert]) -> QuerySet[Alert, Any]:
    return rows.values_list(
        "pk", "severity", "title", "status", "resolve_reason", "service_hint", "starts_at", "last_seen_at", "count", "coalesced",
        "integration__name", KT("labels__alertname"), "service__name", "service__client__name",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counts:
    """How many alerts stand behind each tab."""

    firing: int
    no_data: int
    unrouted: int


def counts(user: Any) -> Counts:
    """Open alerts of this reader by tab. One query over what is open."""
    (found,) = _counted(user) or [(0, 0, 0)]
    return Counts(*found)


@compiled
def _counted(reader: Reader) -> QuerySet[Alert, Any]:
    unresolved = alerts_visible_to(reader).exclude(status=AlertStatus.RESOLVED).order_by()
    return unresolved.values_list(
        _how_many(status=AlertStatus.FIRING),
        _how_many(status=AlertStatus.NO_DATA),
        _how_many(service__isnull=True),
    )


def _how_many(**wanted: Any) -> Func:
    """How many of all rows: Django's own aggregates would group them."""
    return Func(Case(When(**wanted, then=Value(1))), function="COUNT", output_field=IntegerField())


def changes_of(alert: Alert, limit: int = 50) -> list[AlertChange]:
    """The newest transitions of an alert, newest first."""
    return list(AlertChange.objects.filter(alert=alert).order_by("-pk")[:limit])


def occurrences_of(alert: Alert) -> QuerySet[AlertOccurrence]:
    """Every reading still kept, to be paged newest first."""
    return AlertOccurrence.objects.filter(alert_id=alert.pk)


def latest_delivery_of(alert: Alert) -> RawDelivery | None:
    """The raw post behind the newest reading, while it is kept."""
    newest = occurrences_of(alert).order_by("-at", "-pk").values_list("delivery_id", flat=True).first()
    return RawDelivery.objects.filter(pk=newest).first() if newest else None


def firing(user: Any) -> QuerySet[Alert]:
    """What fires, of what this reader may see. Counted off the partial index on firing ones."""
    return alerts_visible_to(user).filter(status=AlertStatus.FIRING)
