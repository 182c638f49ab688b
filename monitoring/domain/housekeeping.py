"""Letting go of what has served its time."""

from datetime import datetime

from django.db.models import Model

from monitoring.choices import RawState
from monitoring.models import AlertOccurrence, RawDelivery

CHUNK = 5_000


def expire(now: datetime) -> int:
    """Delete a bounded number of expired raw posts and occurrences; how many. What waits to be read stays."""
    raw = RawDelivery.objects.filter(expires_at__lte=now).exclude(state=RawState.RECEIVED)
    return _delete(RawDelivery, list(raw.values_list("pk", flat=True)[:CHUNK])) + _delete(
        AlertOccurrence,
        list(AlertOccurrence.objects.filter(expires_at__lte=now).values_list("pk", flat=True)[:CHUNK]),
    )


def _delete(model: type[Model], keys: list[int]) -> int:
    deleted, _ = model._default_manager.filter(pk__in=keys).delete()
    return deleted
