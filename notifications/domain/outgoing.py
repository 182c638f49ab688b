"""A message as its channel sees it."""

from dataclasses import replace

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.domain import action_links
from core.actions import action_of
from notifications.choices import Channel
from notifications.models import Message
from notifications.types import Outgoing

INSTEAD_OF = "instead_of"


def outgoing_of(message: Message) -> Outgoing:
    """The plain values to send. Reads `message.recipient`; select it along.

    The signed link is made here, at each sending: no row keeps it.
    """
    action_label, action_url = _action(message)
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
        action_url=action_url,
        action_label=action_label,
    )


def preview_of(message: Message) -> Outgoing:
    """The same for somebody who looks at it: in place of the link, which acts as its person, whose it is."""
    outgoing = outgoing_of(message)
    if not outgoing.action_url:
        return outgoing
    return replace(outgoing, action_url=_("[acknowledge link of %(name)s]") % {"name": message.recipient})


def _action(message: Message) -> tuple[str, str]:
    """What the message's link does, and the absolute link; both empty where it has none."""
    name = str(message.data.get("action", ""))
    action = action_of(name) if name else None
    if action is None or not message.about_ref or not action.may(message.recipient):
        return "", ""
    link = action_links.ActionLink(
        name, message.about_ref, message.recipient_id, message.pk, message.created_at
    )
    return str(action.offer), f"{settings.MAINSTAY_PUBLIC_URL}{action_links.path_of(link)}"


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
