"""Letting go of what has served its time."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from services.models import IndicatorBucket

CHUNK = 5_000
# A year and a month: what the same month of last year is compared by.
COUNTS_KEPT = timedelta(days=400)


def old_counts(now: datetime) -> QuerySet[IndicatorBucket]:
    """What objectives counted more than 400 days ago."""
    return IndicatorBucket.objects.filter(starts_at__lt=now - COUNTS_KEPT)


def expire_counts(now: datetime) -> int:
    """Delete a bounded number of counts of long ago; how many."""
    keys = list(old_counts(now).order_by().values_list("pk", flat=True)[:CHUNK])
    deleted, _ = IndicatorBucket.objects.filter(pk__in=keys).delete()
    return deleted
