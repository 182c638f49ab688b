"""What the delivery engine has waiting."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.waiting import StuckRow, Waiting, count_of, due_of
from notifications.choices import MessageState
from notifications.models import Message

# A failed message is news for a week; later it is history, and the outbox has it.
FAILED_FOR = timedelta(days=7)


def waiting(now: datetime) -> Waiting:
    """Messages to be sent, in hand, and those that do not get on: failed, failing, or lost by their sender."""
    timed = Message.objects.filter(next_at__isnull=False)
    due, oldest = due_of(timed.filter(next_at__lte=now), "next_at")
    coming = timed.filter(next_at__gt=now).order_by("next_at").values_list("next_at", flat=True)
    return Waiting(
        due=due,
        oldest=oldest,
        in_hand=count_of(timed.filter(next_at__gt=now, state=MessageState.SENDING)),
        stuck=count_of(_failed(now)) + count_of(_not_getting_on(now)),
        next_due=coming.first(),
    )


def stuck_rows(now: datetime, limit: int) -> list[StuckRow]:
    """Failed messages of the last week, newest first, then those that are tried again."""
    failed = list(_failed(now).order_by("-created_at", "-pk")[:limit])
    failing = list(_not_getting_on(now).order_by("next_at")[: limit - len(failed)])
    return [_row(message) for message in [*failed, *failing]]


def _failed(now: datetime) -> QuerySet[Message]:
    return Message.objects.filter(state=MessageState.FAILED, created_at__gt=now - FAILED_FOR)


def _not_getting_on(now: datetime) -> QuerySet[Message]:
    """Standing back after a failure, or left by a sender whose lease has run out."""
    failing = Q(state=MessageState.PENDING, attempts__gt=0)
    lost = Q(state=MessageState.SENDING, next_at__lte=now)
    return Message.objects.filter(failing | lost, next_at__isnull=False)


def _row(message: Message) -> StuckRow:
    has_failed = message.state == MessageState.FAILED
    lost = message.state == MessageState.SENDING
    return StuckRow(
        what=message.subject,
        why=str(_("Its sender ended with it in hand.")) if lost else message.error,
        since=message.created_at,
        url=reverse("notifications:outbox_message", args=[message.pk]),
        verb=_("Try again") if has_failed else "",
        verb_url=reverse("notifications:outbox_retry", args=[message.pk]) if has_failed else "",
    )
