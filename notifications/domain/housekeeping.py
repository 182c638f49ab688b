"""Letting go of messages and attempts that have served their time."""

from datetime import datetime, timedelta

from django.conf import settings

from notifications.models import DeliveryAttempt, Message

CHUNK = 5_000


def expire_messages(now: datetime) -> int:
    """Delete a bounded number of messages older than MAINSTAY_MESSAGE_DAYS (0: none), with their attempts; how many.

    One that still has something to happen (it waits, is being sent, is to be tried again) stays, however old.
    The oldest come first, off the index of lists.
    """
    days = settings.MAINSTAY_MESSAGE_DAYS
    if days <= 0:
        return 0
    old = Message.objects.filter(created_at__lt=now - timedelta(days=days), next_at__isnull=True)
    keys = list(old.order_by("created_at", "pk").values_list("pk", flat=True)[:CHUNK])
    DeliveryAttempt.objects.filter(message_id__in=keys).delete()
    Message.objects.filter(pk__in=keys).delete()
    return len(keys)


def expire_attempts(now: datetime) -> int:
    """Delete a bounded number of attempts older than MAINSTAY_ATTEMPT_DAYS (0: none); how many.

    Attempts are written as they happen, so the oldest are those with the lowest keys: no index on their
    time is needed.
    """
    days = settings.MAINSTAY_ATTEMPT_DAYS
    if days <= 0:
        return 0
    oldest = DeliveryAttempt.objects.order_by("pk").values_list("pk", "at")[:CHUNK]
    until = now - timedelta(days=days)
    keys = [pk for pk, at in oldest if at < until]
    DeliveryAttempt.objects.filter(pk__in=keys).delete()
    return len(keys)
