"""Letting go of what has served its time."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Model, QuerySet

from core.slices import Sliced, Span
from monitoring.models import DeliveryId, IntakeMinute, ServiceStorm

CHUNK = 5_000
# What waits to be read stays, however old.
POSTS = Sliced("monitoring_rawdelivery", key="expires_at", days=7, keep="state = 'received'")
READINGS = Sliced("monitoring_alertoccurrence", key="expires_at", days=7)


def raw_span(now: datetime) -> Span:
    """Posts as they arrived, in slices of a week by their expiry."""
    return Span(POSTS, _ahead(now), now)


def readings_span(now: datetime) -> Span:
    """Readings of alerts, in slices of a week by their expiry."""
    return Span(READINGS, _ahead(now), now)


def old_ids(now: datetime) -> QuerySet[DeliveryId]:
    """Ids of posts that are gone."""
    return DeliveryId.objects.filter(expires_at__lte=now)


def expire_ids(now: datetime) -> int:
    """Delete a bounded number of ids of posts that are gone; how many."""
    return _delete(old_ids(now))


def old_minutes(now: datetime) -> QuerySet[IntakeMinute]:
    """Counts of minutes long past."""
    return IntakeMinute.objects.filter(expires_at__lte=now)


def expire_minutes(now: datetime) -> int:
    """Delete a bounded number of counts of minutes long past; how many."""
    return _delete(old_minutes(now))


def old_storms(now: datetime) -> QuerySet[ServiceStorm]:
    """Storms that ended MAINSTAY_RAW_DAYS ago or earlier."""
    return ServiceStorm.objects.filter(ended_at__lte=now - timedelta(days=settings.MAINSTAY_RAW_DAYS))


def expire_storms(now: datetime) -> int:
    """Delete a bounded number of storms that ended long ago; how many."""
    return _delete(old_storms(now))


def _ahead(now: datetime) -> datetime:
    # what comes in four weeks from now, to be kept as long as what comes now: so long may housekeeping stand still
    return now + timedelta(days=settings.MAINSTAY_RAW_DAYS + 28)


def _delete(expired: QuerySet[Model]) -> int:
    keys = list(expired.order_by().values_list("pk", flat=True)[:CHUNK])
    deleted, _ = expired.model._default_manager.filter(pk__in=keys).delete()
    return deleted
