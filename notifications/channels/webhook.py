"""A signed POST to a person's own receiver, by the Standard Webhooks scheme. docs/delivery.md has the receiver's side."""

import hashlib
import json
import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from standardwebhooks.webhooks import Webhook

from core.http.outbound import OutboundError, Response, parse, post
from notifications.channels.base import SENT
from notifications.channels.examples import HELD, is_example
from notifications.channels.retry_after import seconds_of
from notifications.choices import Channel
from notifications.types import DeliveryError, Outcome, Outgoing

# Answers that a later try may change; every other 4xx says that this address will not have it, at least not now.
_MAY_CHANGE = frozenset({408, 425, 429})


class WebhookChannel:
    """One request an attempt; the id is the same at each, the time and signature are new."""

    slug: str = Channel.WEBHOOK
    is_row = False

    def send(self, outgoing: Outgoing) -> Outcome:
        """2xx is sent. A redirect, 410 and other 4xx are permanent; 408, 425, 429, 5xx and silence temporary.

        410 means that the address is no good at once, the others once they have gone on for hours.
        """
        try:
            if is_example(parse(outgoing.address).host.decode()):
                return HELD
            body = body_of(outgoing)
            answer = post(outgoing.address, body=body, headers=headers_of(outgoing, body))
        except OutboundError as error:
            raise DeliveryError(error.message, permanent=error.permanent) from error
        return _judged(answer)


def body_of(outgoing: Outgoing) -> bytes:
    """The JSON document: what happened, when, and what a person would read. The same bytes at each attempt."""
    data: dict[str, Any] = {
        "subject": outgoing.subject,
        "text": outgoing.body,
        "url": outgoing.url,
        "urgency": outgoing.urgency,
        "severity": outgoing.severity,
        "about": {"kind": outgoing.about_kind, "ref": outgoing.about_ref},
        "action": {"label": outgoing.action_label, "url": outgoing.action_url},
        "recipient": outgoing.recipient_name,
        "items": [asdict(item) for item in outgoing.items],
    }
    stamp = outgoing.created_at.astimezone(UTC).isoformat() if outgoing.created_at else ""
    document = {"type": outgoing.kind, "timestamp": stamp, "data": data}
    return json.dumps(document, separators=(",", ":")).encode()


def headers_of(outgoing: Outgoing, body: bytes) -> dict[str, str]:
    """Identity, time and signature of this attempt."""
    name = f"msg_{hashlib.sha256(outgoing.dedup_key.encode()).hexdigest()[:32]}"
    at = datetime.fromtimestamp(int(time.time()), UTC)
    return {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(outgoing.secret).sign(name, at, body.decode()),
    }


def _judged(answer: Response) -> Outcome:
    status = answer.status
    if 200 <= status < 300:
        return SENT
    if 300 <= status < 400:
        raise DeliveryError(
            f"The receiver answered {status}, a redirect; redirects are not followed. Enter the final URL.",
            permanent=True,
            doubts=True,
        )
    if status == 410:
        raise DeliveryError("The receiver answered 410: it is gone.", permanent=True)
    if 400 <= status < 500 and status not in _MAY_CHANGE:
        raise DeliveryError(
            f"The receiver answered {status} and will not have it.", permanent=True, doubts=True
        )
    raise DeliveryError(f"The receiver answered {status}.", retry_after=seconds_of(answer.headers))
