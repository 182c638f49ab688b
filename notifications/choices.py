"""Choices of messages."""

from django.db.models import TextChoices


class Channel(TextChoices):
    IN_APP = "in_app", "Inbox"
    EMAIL = "email", "E-mail"


class MessageState(TextChoices):
    PENDING = "pending", "Waiting"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    HELD = "held", "Kept in the outbox"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class Urgency(TextChoices):
    URGENT = "urgent", "Urgent"
    ORDINARY = "ordinary", "Ordinary"


def channel_choices() -> list[tuple[str, str]]:
    return list(Channel.choices)


def message_state_choices() -> list[tuple[str, str]]:
    return list(MessageState.choices)


def urgency_choices() -> list[tuple[str, str]]:
    return list(Urgency.choices)
