"""Letting go of messages and attempts that have served their time."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from core.slices import Sliced, Span
from notifications.models import DeliveryAttempt, Message

CHUNK = 5_000
ATTEMPTS = Sliced("notifications_deliveryattempt", key="at", days=30)


def old_messages(now: datetime) -> QuerySet[Message]:
    """Messages older than MAINSTAY_MESSAGE_DAYS (0: none) to which nothing more will happen."""
    days = settings.MAINSTAY_MESSAGE_DAYS
    if days <= 0:
        return Message.objects.none()
    return Message.objects.filter(created_at__lt=now - timedelta(days=days), next_at__isnull=True)


def expire_messages(now: datetime) -> int:
    """Delete a bounded number of messages older than MAINSTAY_MESSAGE_DAYS (0: none), with their attempts; how many.

    One that still has something to happen (it waits, is being sent, is to be tried again) stays, however old.
    The oldest come first, off the index of lists.
    """
    keys = list(old_messages(now).order_by("created_at", "pk").values_list("pk", flat=True)[:CHUNK])
    DeliveryAttempt.objects.filter(message_id__in=keys).delete()
    Message.objects.filter(pk__in=keys).delete()
    return len(keys)


def attempts_span(now: datetime) -> Span:
    """Attempts at delivery lie in slices of thirty days; those older than MAINSTAY_ATTEMPT_DAYS (0: none) go."""
    days = settings.MAINSTAY_ATTEMPT_DAYS
    return Span(ATTEMPTS, now + timedelta(days=30), now - timedelta(days=days) if days > 0 else None)
