"""Choices of messages."""

from django.db.models import TextChoices


class Channel(TextChoices):
    IN_APP = "in_app", "Inbox"
    EMAIL = "email", "E-mail"
    WEBHOOK = "webhook", "Webhook"
    APPRISE = "apprise", "Push or chat"


class ContactState(TextChoices):
    UNVERIFIED = "unverified", "Not verified"
    VERIFIED = "verified", "Verified"
    DISABLED = "disabled", "Switched off"


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


def contact_kind_choices() -> list[tuple[str, str]]:
    """What a further address can be."""
    return [(each.value, str(each.label)) for each in (Channel.EMAIL, Channel.WEBHOOK, Channel.APPRISE)]


def contact_state_choices() -> list[tuple[str, str]]:
    return list(ContactState.choices)
