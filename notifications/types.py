"""Plain values of messages: what is announced, and what a channel is given to send."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Announcement:
    """One event that people should hear of, before it is known who and by which channel.

    `key` names the event and makes it happen once for each person and channel; `kind` says what it is
    (incident.page), `url` is a path within the portal. `about_kind` and `about_ref` name the thing, so that
    its pending messages can be called back. `data` may hold `severity` (SEV1…SEV4), `story` (what,
    beside kind and thing, it is about: only messages of one story replace one another), and `action`: what a
    signed link in the message may do about `about_ref` (core.actions).
    """

    key: str
    kind: str
    urgency: str
    subject: str
    body: str = ""
    url: str = ""
    about_kind: str = ""
    about_ref: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """One of the messages of a bundle; `url` is absolute or empty, `action_url` as of Outgoing."""

    subject: str
    url: str = ""
    kind: str = ""
    about_kind: str = ""
    about_ref: str = ""
    severity: str = ""
    action_url: str = field(default="", repr=False)
    action_label: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message as a channel sees it: for one person, ready to send, without the database.

    `url` is absolute (or empty). `action_url`, where there is one, does what `action_label` says for this
    person without a sign-in: it is a credential, so it goes into the message and nowhere else.
    `dedup_key` is the same at each attempt: a channel hands it to its provider, so that a message that left
    twice can be recognised as one. `items` are the messages of a bundle, whose text lists them already.
    `address` and `secret` are of the contact point and never shown.
    """

    message_id: int
    dedup_key: str
    recipient_name: str
    recipient_email: str
    subject: str
    body: str
    url: str
    urgency: str
    kind: str = ""
    about_kind: str = ""
    about_ref: str = ""
    severity: str = ""
    action_url: str = field(default="", repr=False)
    action_label: str = ""
    created_at: datetime | None = None
    items: tuple[Item, ...] = ()
    address: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)


class DeliveryError(Exception):
    """A channel could not deliver.

    `permanent` means that trying again is in vain, and that the address is no good: it is switched off, unless
    `disables` says that it was this message or our own settings. `doubts` means that the address may be no good: it
    is switched off only once that has gone on for hours. `retry_after` is the pause in seconds that
    the provider asked for, if it did. `message` is shown to people: no secret may be in it.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: int | None = None,
        disables: bool | None = None,
        doubts: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.permanent = permanent
        self.retry_after = retry_after
        self.disables = permanent and not doubts if disables is None else disables
        self.doubts = doubts


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt ended: "sent", "held" (kept in the outbox, for want of a way out), "temporary",
    "permanent" or "lost" (the sender died with the message in hand). `retry_after` is in seconds; `disables`
    says that the address itself is no good, `doubts` that it may be."""

    kind: str
    detail: str = ""
    retry_after: int | None = None
    disables: bool = False
    doubts: bool = False
