"""Messages as their channel sees them, one alone or several as one."""

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.domain import action_links
from core.actions import action_of
from core.crypto import unseal
from notifications.choices import Channel
from notifications.domain.routes import Route
from notifications.models import Message
from notifications.types import Item, Outgoing

INSTEAD_OF = "instead_of"
CODE = "code_sealed"
HIDDEN = "••••••"
# What a text lists of a bundle; the rest is counted.
LISTED = 20


def outgoing_of(message: Message, *, reveal: bool = True) -> Outgoing:
    """The plain values to send. Reads `message.recipient` and `message.contact`; select them along.

    With `reveal` they hold what nobody else may look at: the address and secret of the contact point, a code,
    the signed link (made here, at each sending: no row keeps it). Raises SecretUnreadableError then, if no key
    opens them.
    """
    contact = message.contact
    email = message.recipient.email
    address = secret = ""
    if contact is not None and not contact.is_own_email:
        address = unseal(contact.address_sealed) if reveal else contact.hint
        secret = unseal(contact.secret_sealed) if reveal and contact.secret_sealed else ""
        email = address if contact.kind == Channel.EMAIL else email
    action_label, action_url = _action(message, reveal)
    return Outgoing(
        message_id=message.pk,
        dedup_key=message.dedup_key,
        recipient_name=message.recipient.name,
        recipient_email=email,
        subject=message.subject,
        body=_body(message, reveal),
        url=_absolute(message.url),
        urgency=message.urgency,
        kind=message.kind,
        about_kind=message.about_kind,
        about_ref=message.about_ref,
        severity=_severity(message),
        action_url=action_url,
        action_label=action_label,
        created_at=message.created_at,
        address=address,
        secret=secret,
    )


def preview_of(message: Message) -> Outgoing:
    """The same for somebody who looks at it: hints in place of addresses, and in place of the link, which acts as
    its person, whose it is."""
    return outgoing_of(message, reveal=False)


def bundle_of(messages: Sequence[Message], bundle: str, *, reveal: bool = True) -> Outgoing:
    """Several messages to one contact as one, worst first. Its dedup key is the bundle's."""
    base = outgoing_of(messages[0], reveal=reveal)
    items = tuple(_item(message, reveal) for message in messages)
    refs = {(item.about_kind, item.about_ref) for item in items}
    lines = [_listed(item) for item in items[:LISTED]]
    if (more := len(items) - LISTED) > 0:
        lines.append(ngettext("and %(n)s more", "and %(n)s more", more) % {"n": more})
    failed = _failed(messages[0])
    about_kind, about_ref = refs.pop() if len(refs) == 1 else ("", "")
    return Outgoing(
        message_id=base.message_id,
        dedup_key=bundle,
        recipient_name=base.recipient_name,
        recipient_email=base.recipient_email,
        subject=_bundle_subject(items),
        body="\n\n".join([*([failed] if failed else []), *lines]),
        url=_absolute("/messages/"),
        urgency=base.urgency,
        kind="bundle",
        about_kind=about_kind,
        about_ref=about_ref,
        severity=min((item.severity for item in items if item.severity), default=""),
        created_at=min(message.created_at for message in messages),
        items=items,
        address=base.address,
        secret=base.secret,
    )


def channel_label(slug: str) -> str:
    """The channel's name for people."""
    return str(Channel(slug).label) if slug in Channel.values else slug


def ways_in_words(ways: Iterable[Route]) -> str:
    """The ways in their order: "Inbox, E-mail after 5 min"."""
    after = _("%(way)s after %(n)d min")
    return ", ".join(
        after % {"way": channel_label(way.channel), "n": way.delay_minutes}
        if way.delay_minutes
        else channel_label(way.channel)
        for way in ways
    )


def route_label(message: Message) -> str:
    """By which way, as people know it: the channel, and which contact point of it."""
    hint = message.contact.hint if message.contact is not None else str(message.data.get("to", ""))
    return f"{channel_label(message.channel)} {hint}".strip()


def _action(message: Message, reveal: bool) -> tuple[str, str]:
    """What the message's link does, and the absolute link; both empty where it has none."""
    name = str(message.data.get("action", ""))
    action = action_of(name) if name else None
    if action is None or not message.about_ref or not action.may(message.recipient):
        return "", ""
    if not reveal:
        return str(action.offer), _("[acknowledge link of %(name)s]") % {"name": message.recipient}
    link = action_links.ActionLink(
        name, message.about_ref, message.recipient_id, message.pk, message.created_at
    )
    return str(action.offer), _absolute(action_links.path_of(link))


def _listed(item: Item) -> str:
    action = f"{item.action_label}: {item.action_url}" if item.action_url else ""
    return "\n".join(part for part in (item.subject, item.url, action) if part)


def _item(message: Message, reveal: bool) -> Item:
    action_label, action_url = _action(message, reveal)
    return Item(
        subject=message.subject,
        url=_absolute(message.url),
        kind=message.kind,
        about_kind=message.about_kind,
        about_ref=message.about_ref,
        severity=_severity(message),
        action_url=action_url,
        action_label=action_label,
    )


def _bundle_subject(items: Sequence[Item]) -> str:
    """ "5 incidents need you" where that is what they are, else "5 messages"; with the first few references."""
    n = len(items)
    refs = list(dict.fromkeys(item.about_ref for item in items if item.about_ref))
    if all(item.kind == "incident.page" for item in items):
        words = ngettext("%(n)s incident needs you", "%(n)s incidents need you", n) % {"n": n}
    else:
        words = ngettext("%(n)s message from Mainstay", "%(n)s messages from Mainstay", n) % {"n": n}
    listed = ", ".join(refs[:4]) + (" …" if len(refs) > 4 else "")
    return f"{words}: {listed}" if listed else words


def _body(message: Message, reveal: bool) -> str:
    """The body, and first, where another channel has failed, that it did."""
    body = message.body
    if CODE in message.data:
        body = body.replace(HIDDEN, unseal(message.data[CODE]) if reveal else HIDDEN)
    failed = _failed(message)
    return f"{failed}\n{body}" if failed else body


def _failed(message: Message) -> str:
    failed = message.data.get(INSTEAD_OF)
    if not failed:
        return ""
    return _("%(channel)s to you failed (%(error)s), so this comes another way.") % {
        "channel": failed.get("label") or channel_label(failed["channel"]),
        "error": failed["error"],
    }


def _severity(message: Message) -> str:
    return str(message.data.get("severity", ""))


def _absolute(url: str) -> str:
    return f"{settings.MAINSTAY_PUBLIC_URL}{url}" if url else ""
