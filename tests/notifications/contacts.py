"""Makers of contact points."""

import base64
from typing import Any

from accounts.models import User
from core.crypto import digest, seal
from notifications.domain.own_email import hint_of
from notifications.models import ContactPoint
from notifications.types import Outgoing
from tests.make import NOW

SECRET = f"whsec_{base64.b64encode(b'k' * 32).decode()}"


def point(
    person: User, kind: str = "webhook", address: str = "https://hooks.test/in/zebra", **fields: Any
) -> ContactPoint:
    """A verified contact point, unless told otherwise."""
    values: dict[str, Any] = {
        "user": person,
        "kind": kind,
        "address_sealed": seal(address),
        "address_digest": digest(f"{kind}:{address}"),
        "hint": hint_of(person.email) if fields.get("address_sealed") == "" else f"{kind} hint",
        "secret_sealed": seal(SECRET) if kind == "webhook" else "",
        "state": "verified",
        "state_at": NOW,
        "created_at": NOW,
        **fields,
    }
    return ContactPoint.objects.create(**values)


def outgoing(address: str = "", **fields: Any) -> Outgoing:
    """One urgent message, as a channel gets it."""
    values: dict[str, Any] = {
        "message_id": 7,
        "dedup_key": "run:1:0:0:5:webhook.3",
        "recipient_name": "Asha Rai",
        "recipient_email": "asha@test.mainstay",
        "subject": "SEV1 INC-1042 Fraud scoring is down",
        "body": "Open for 2 min.",
        "url": "https://ops.test/incidents/INC-1042/",
        "urgency": "urgent",
        "kind": "incident.page",
        "about_kind": "incident",
        "about_ref": "INC-1042",
        "severity": "SEV1",
        "created_at": NOW,
        "address": address,
        "secret": SECRET,
        **fields,
    }
    return Outgoing(**values)
