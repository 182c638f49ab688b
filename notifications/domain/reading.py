"""Reading one's own inbox."""

from datetime import datetime

from accounts.models import User
from notifications.choices import Channel, MessageState
from notifications.models import Message


def mark_read(message: Message, *, now: datetime) -> Message:
    """Read now, unless it has been read before: the first time counts."""
    if Message.objects.filter(pk=message.pk, read_at=None).update(read_at=now):
        message.read_at = now
    return message


def mark_all_read(user: User, *, now: datetime, up_to: int | None = None) -> int:
    """Read everything in the person's inbox, or up to the message they had on the screen. How many it were."""
    unread = Message.objects.filter(
        recipient=user, channel=Channel.IN_APP, state=MessageState.SENT, read_at=None
    )
    if up_to is not None:
        unread = unread.filter(pk__lte=up_to)
    return unread.update(read_at=now)
