"""Makers for tests of messages."""

import threading
from typing import Any

from accounts.models import User
from notifications.channels.base import SENT
from notifications.domain.outbox import announce
from notifications.models import Message, PersonalRule
from notifications.types import Announcement, DeliveryError, Outcome, Outgoing
from tests.make import NOW
from tests.patience import DEADLINE


class FakeChannel:
    """Answers as told by recipient address, and remembers in which order it was asked."""

    is_row = False

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self.sent: list[Outgoing] = []
        self.errors: dict[str, Exception] = {}
        self.error: Exception | None = None
        self.gate: threading.Event | None = None
        self.entered = threading.Event()
        self._lock = threading.Lock()

    def send(self, outgoing: Outgoing) -> Outcome:
        self.entered.set()
        if self.gate is not None:
            self.gate.wait(DEADLINE)
        error = self.errors.get(outgoing.recipient_email, self.error)
        with self._lock:
            self.sent.append(outgoing)
        if error is not None:
            raise error
        return SENT


PERMANENT = DeliveryError("550 no such mailbox", permanent=True)
TEMPORARY = DeliveryError("451 try again")


def event(key: str = "run:1:0:0", **fields: Any) -> Announcement:
    """An urgent call about INC-1042, unless told otherwise."""
    values: dict[str, Any] = {
        "key": key,
        "kind": "incident.page",
        "urgency": "urgent",
        "subject": "SEV1 INC-1042 Fraud scoring is down",
        "body": "Open for 2 min.",
        "url": "/incidents/INC-1042/",
        "about_kind": "incident",
        "about_ref": "INC-1042",
        "data": {"severity": "SEV1"},
        **fields,
    }
    return Announcement(**values)


def tell(*people: User, key: str = "run:1:0:0", now=NOW, **fields: Any) -> list[Message]:
    return announce(event(key, **fields), people, now=now)


def rule(
    person: User, channel: str, minutes: int = 0, position: int = 0, urgency: str = "urgent"
) -> PersonalRule:
    return PersonalRule.objects.create(
        user=person, channel=channel, delay_minutes=minutes, position=position, urgency=urgency
    )


def of(person: User, channel: str = "email") -> Message:
    """The one message to this person by that channel, notices about the channel itself aside."""
    return Message.objects.exclude(kind="contact.disabled").get(recipient=person, channel=channel)
