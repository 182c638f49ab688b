"""A message as its channel sees it."""

from django.conf import settings
from django.utils.translation import gettext as _

from notifications.choices import Channel
from notifications.models import Message
from notifications.types import Outgoing

INSTEAD_OF = "instead_of"


def outgoing_of(message: Message) -> Outgoing:
    """The plain values to send. Reads `message.recipient`; select it along."""
    return Outgoing(
        message_id=message.pk,
        dedup_key=message.dedup_key,
        recipient_name=message.recipient.name,
        recipient_email=message.recipient.email,
        subject=message.subject,
        body=_body(message),
        url=f"{settings.MAINSTAY_PUBLIC_URL}{message.url}" if message.url else "",
        urgency=message.urgency,
        kind=message.kind,
        about_kind=message.about_kind,
        about_ref=message.about_ref,
        severity=str(message.data.get("severity", "")),
    )


def _body(message: Message) -> str:
    """The body, and first, where another channel has failed, that it did."""
    failed = message.data.get(INSTEAD_OF)
    if not failed:
        return message.body
    words = _("%(channel)s to you failed (%(error)s), so this comes another way.") % {
        "channel": channel_label(failed["channel"]),
        "error": failed["error"],
    }
    return f"{words}\n{message.body}"


def channel_label(slug: str) -> str:
    """The channel's name for people."""
    return str(Channel(slug).label) if slug in Channel.values else slug
