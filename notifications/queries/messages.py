"""Messages for lists and pages. Everything starts at `inbox_of` or `outbox_visible_to`."""

from typing import Any

from django.db.models import QuerySet

from notifications import rules
from notifications.choices import Channel, MessageState
from notifications.models import DeliveryAttempt, Message

NEWEST_FIRST = ("-created_at", "-pk")


def inbox_of(user: Any) -> QuerySet[Message]:
    """What has arrived in this person's inbox; nobody sees another's."""
    if not rules.can_see_inbox(user):
        return Message.objects.none()
    return Message.objects.filter(recipient=user, channel=Channel.IN_APP, state=MessageState.SENT)


def unread(user: Any) -> QuerySet[Message]:
    """Those of them that wait to be read. Counted off the partial index on unread ones."""
    return inbox_of(user).filter(read_at=None)


def outbox_visible_to(user: Any) -> QuerySet[Message]:
    """What leaves, left or would have left by any channel: leads see all, support what goes to themselves."""
    messages = Message.objects.select_related("recipient", "contact")
    if rules.can_see_everybodys(user):
        return messages
    return messages.filter(recipient=user) if rules.can_see_outbox(user) else messages.none()


def attempts_of(message: Message) -> list[DeliveryAttempt]:
    """Every attempt still kept, oldest first."""
    return list(DeliveryAttempt.objects.filter(message_id=message.pk).order_by("at", "pk")[:50])


def bundled_with(message: Message) -> list[Message]:
    """The other messages that left as one with it, or tried to."""
    if not message.bundle:
        return []
    others = Message.objects.filter(bundle=message.bundle, recipient=message.recipient_id)
    return list(others.exclude(pk=message.pk).order_by("pk")[:100])
