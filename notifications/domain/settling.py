"""Putting down what became of a sending: one short transaction, after the network.

A result counts only for the very attempt it belongs to.
"""

from datetime import datetime

from django.db import connection, transaction

from core import meter
from core.patience import IMPATIENT
from notifications.choices import MessageState
from notifications.domain.claims import Claim, attempt_of, next_of, put
from notifications.domain.disabling import disable_route, fails_for_hours
from notifications.domain.fallback import lock_families, take_over
from notifications.domain.gathering import ALONE
from notifications.models import Message
from notifications.types import Outcome

# A code proves nothing by another way, and a test tests this one.
_ONLY_HERE = ("code", "test")


def settle(done: Claim, outcome: Outcome, now: datetime, *, milliseconds: int = 0) -> bool:
    """Put down how an attempt ended, for each message it carried, and after a failure who takes over.

    An address that is no good is switched off, and its owner told. False where the messages are in other
    hands meanwhile: then nothing changes. Raises OperationalError where a row stays locked by somebody.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            # whoever holds one of them is not waited for: the sender settles it again at its next look
            cursor.execute(f"SELECT {IMPATIENT}")
        families = lock_families(member.dedup_key for member in done.members)
        settled: list[Message] = []
        for member in done.members:
            event, _, route = member.dedup_key.rpartition(":")
            message = families[event].get(route)
            if message is None or (message.state, message.attempts) != (MessageState.SENDING, member.attempt):
                continue
            put(message, next_of(message, outcome, now, seed=done.message_id))
            message.sent_at = now if message.state == MessageState.SENT else None
            message.save(update_fields=["state", "next_at", "error", "sent_at"])
            attempt_of(message, member.attempt, outcome, now, milliseconds).save(force_insert=True)
            settled.append(message)
        if settled and (outcome.disables or (outcome.doubts and fails_for_hours(settled[0], now))):
            disable_route(settled[0], outcome.detail, now=now)
        for message in settled:
            if message.state == MessageState.FAILED and message.data.get(ALONE) not in _ONLY_HERE:
                take_over(message, families[message.event_key], now)
    for _ in settled:
        meter.count("delivery", done.channel, outcome.kind)
    return bool(settled)
