"""Delivering inbox messages: the row is the message, so one statement does it."""

from datetime import datetime
from typing import Any

from django.db import connection

from core import meter
from notifications.channels import CHANNELS

DEACTIVATED = "The account is deactivated."

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


def row_channels() -> list[str]:
    """Channels whose message is its own delivery."""
    return [slug for slug, channel in CHANNELS.items() if channel.is_row]


def deliver_rows(now: datetime, limit: int) -> int:
    """Deliver due inbox messages, urgent ones first, in one statement. Returns how many were worked."""
    values: dict[str, Any] = {
        "now": now,
        "limit": limit,
        "channels": row_channels(),
        "deactivated": DEACTIVATED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_INBOX, values)
        rows = cursor.fetchall()
    for due, channel, state in rows:
        meter.late("delivery", due, now)
        meter.count("delivery", channel, state)
    return len(rows)
