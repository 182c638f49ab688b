"""Alerts for lists and pages. Everything starts at `alerts_visible_to`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.fields.json import KT

from accounts.rules import is_support
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
    shown: Any = rows.values_list(
        "pk", "severity", "title", "status", "resolve_reason", "service_hint", "starts_at", "last_seen_at", "count", "coalesced",
        "integration__name", KT("labels__alertname"), "service__name", "service__client__name",
    )  # fmt: skip
    return [Listed(*each) for each in shown]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many alerts stand behind each tab."""

    firing: int
    no_data: int
    unrouted: int


def counts(user: Any) -> Counts:
    """Open alerts of this reader by tab. One query over what is open."""
    found = (
        alerts_visible_to(user)
        .exclude(status=AlertStatus.RESOLVED)
        .aggregate(
            firing=Count("pk", filter=Q(status=AlertStatus.FIRING)),
            no_data=Count("pk", filter=Q(status=AlertStatus.NO_DATA)),
            unrouted=Count("pk", filter=Q(service__isnull=True)),
        )
    )
    return Counts(**found)


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
