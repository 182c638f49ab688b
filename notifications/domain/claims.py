"""Taking due messages in hand and putting down what became of them: two short transactions.

Between them lies the network. A claim leaves state "sending" and a lease in `next_at`; whoever dies with the
message in hand is found out when the lease runs out. A result counts only for the very attempt it belongs to.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from core import meter
from notifications.channels import CHANNELS
from notifications.choices import MessageState
from notifications.domain.decision import Next, decide
from notifications.domain.fallback import lock_family, take_over
from notifications.domain.outbox import CALLED_BACK, OPEN_STATES
from notifications.domain.outgoing import outgoing_of
from notifications.models import DeliveryAttempt, Message
from notifications.types import Outcome, Outgoing

LEASE = timedelta(seconds=60)
TRIES_FROM = "tries_from"
_LOST = Outcome("lost", "The sender ended with the message in hand.")
_DEACTIVATED = "The account is deactivated."

_INBOX = """
WITH due AS MATERIALIZED (
    SELECT id, next_at FROM notifications_message
    WHERE next_at <= %(now)s AND state = 'pending' AND channel = ANY(%(channels)s)
    ORDER BY urgency DESC, next_at, id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE notifications_message AS m SET
    state = CASE WHEN u.is_active THEN 'sent' ELSE 'cancelled' END,
    sent_at = CASE WHEN u.is_active THEN %(now)s::timestamptz END,
    error = CASE WHEN u.is_active THEN '' ELSE %(deactivated)s END,
    attempts = m.attempts + 1, next_at = NULL
FROM due, accounts_user AS u
WHERE m.id = due.id AND u.id = m.recipient_id
RETURNING due.next_at, m.channel, m.state
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """One message in hand: which attempt of which message, and what to send by which channel.

    `given_up` is why it is not sent any more: its senders died too often.
    """

    message_id: int
    attempt: int
    channel: str
    outgoing: Outgoing
    given_up: str = ""


def row_channels() -> list[str]:
    """Channels whose message is its own delivery."""
    return [slug for slug, channel in CHANNELS.items() if channel.is_row]


def deliver_rows(now: datetime, limit: int) -> int:
    """Deliver due inbox messages, urgent ones first, in one statement. Returns how many were worked."""
    values: dict[str, Any] = {
        "now": now,
        "limit": limit,
        "channels": row_channels(),
        "deactivated": _DEACTIVATED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_INBOX, values)
        rows = cursor.fetchall()
    for due, channel, state in rows:
        meter.late("delivery", due, now)
        meter.count("delivery", channel, state)
    return len(rows)


def claim(now: datetime, limit: int) -> tuple[list[Claim], int]:
    """Take up to `limit` due messages in hand, urgent ones first; and how many were cancelled instead.

    Due is what waits and what a dead sender left behind. Cancelled is what was called back meanwhile, or is
    for somebody deactivated since.
    """
    with transaction.atomic():
        rows = (
            Message.objects.select_related("recipient")
            .select_for_update(of=("self",), skip_locked=True, no_key=True)
            .filter(next_at__lte=now, state__in=OPEN_STATES)
            .exclude(channel__in=row_channels())
            .order_by("-urgency", "next_at", "pk")
        )
        due = list(rows[:limit])
        lost = [_attempt(row, row.attempts, _LOST, now) for row in due if row.state == MessageState.SENDING]
        taken = [claimed for row in due if (claimed := _take(row, now)) is not None]
        Message.objects.bulk_update(due, ["state", "attempts", "next_at", "error"])
        DeliveryAttempt.objects.bulk_create(lost)
    return taken, len(due) - len(taken)


def settle(done: Claim, outcome: Outcome, now: datetime, *, milliseconds: int = 0) -> bool:
    """Put down how an attempt ended, and after a failure who takes over.

    False where the message is in other hands meanwhile: then nothing changes.
    """
    with transaction.atomic():
        family = lock_family(done.outgoing.dedup_key, done.channel)
        message = family.get(done.channel)
        if message is None or (message.state, message.attempts) != (MessageState.SENDING, done.attempt):
            return False
        _put(message, _next(message, outcome, now))
        message.sent_at = now if message.state == MessageState.SENT else None
        message.save(update_fields=["state", "next_at", "error", "sent_at"])
        _attempt(message, done.attempt, outcome, now, milliseconds).save(force_insert=True)
        if message.state == MessageState.FAILED:
            take_over(message, family, now)
    meter.count("delivery", done.channel, outcome.kind)
    return True


def _take(row: Message, now: datetime) -> Claim | None:
    """Decide for one due row, in memory: in hand for this sender (then its claim), or cancelled."""
    given_up = ""
    if not row.recipient.is_active:
        _put(row, Next(MessageState.CANCELLED, error=_DEACTIVATED))
        return None
    if row.state == MessageState.SENDING:
        following = _next(row, _LOST, now)
        if following.state == MessageState.CANCELLED:
            _put(row, following)
            return None
        if following.state == MessageState.FAILED:
            given_up = following.error
        meter.count("delivery", row.channel, _LOST.kind)
    else:
        meter.late("delivery", row.next_at, now)
    row.state, row.next_at, row.attempts = MessageState.SENDING, now + LEASE, row.attempts + 1
    return Claim(row.pk, row.attempts, row.channel, outgoing_of(row), given_up)


def _next(row: Message, outcome: Outcome, now: datetime) -> Next:
    called_back = row.data.get(CALLED_BACK, {}).get("reason", "")
    tries = row.attempts - int(row.data.get(TRIES_FROM, 0))
    return decide(tries, outcome, now, message_id=row.pk, called_back=called_back)


def _put(row: Message, following: Next) -> None:
    row.state, row.next_at, row.error = following.state, following.next_at, following.error


def _attempt(
    row: Message, number: int, outcome: Outcome, now: datetime, milliseconds: int = 0
) -> DeliveryAttempt:
    return DeliveryAttempt(
        message_id=row.pk,
        at=now,
        number=number,
        outcome=outcome.kind,
        detail=outcome.detail[:500],
        milliseconds=milliseconds,
    )
