"""Choices of messages."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core.types import Words


class Channel(TextChoices):
    IN_APP = "in_app", _("Inbox")
    EMAIL = "email", _("E-mail")
    WEBHOOK = "webhook", _("Webhook")
    APPRISE = "apprise", _("Push or chat")


class ContactState(TextChoices):
    UNVERIFIED = "unverified", _("Not verified")
    VERIFIED = "verified", _("Verified")
    DISABLED = "disabled", _("Switched off")


class MessageState(TextChoices):
    PENDING = "pending", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    HELD = "held", _("Kept in the outbox")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Urgency(TextChoices):
    URGENT = "urgent", _("Urgent")
    ORDINARY = "ordinary", _("Ordinary")


def channel_choices() -> list[tuple[str, Words]]:
    return list(Channel.choices)


def message_state_choices() -> list[tuple[str, Words]]:
    return list(MessageState.choices)


def urgency_choices() -> list[tuple[str, Words]]:
    return list(Urgency.choices)


def contact_kind_choices() -> list[tuple[str, Words]]:
    """What a further address can be."""
    return [(each.value, str(each.label)) for each in (Channel.EMAIL, Channel.WEBHOOK, Channel.APPRISE)]


def contact_state_choices() -> list[tuple[str, Words]]:
    return list(ContactState.choices)
