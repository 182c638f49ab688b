"""Letting go of what has served its time."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Model, QuerySet

from monitoring.choices import RawState
from monitoring.models import AlertOccurrence, IntakeMinute, RawDelivery, ServiceStorm

CHUNK = 5_000


def expire(now: datetime) -> int:
    """Delete a bounded number of expired raw posts, occurrences, counts and storms; how many.

    What waits to be read stays.
    """
    long_over = now - timedelta(days=settings.MAINSTAY_RAW_DAYS)
    return sum(
        map(
            _delete,
            (
                RawDelivery.objects.filter(expires_at__lte=now).exclude(state=RawState.RECEIVED),
                AlertOccurrence.objects.filter(expires_at__lte=now),
                IntakeMinute.objects.filter(expires_at__lte=now),
                ServiceStorm.objects.filter(ended_at__lte=long_over),
            ),
        )
    )


def _delete(expired: QuerySet[Model]) -> int:
    keys = list(expired.order_by().values_list("pk", flat=True)[:CHUNK])
    deleted, _ = expired.model._default_manager.filter(pk__in=keys).delete()
    return deleted
