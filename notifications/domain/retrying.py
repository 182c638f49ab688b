"""Having a failed message tried again."""

from datetime import datetime

from django.db import transaction

from accounts.domain.audit import record
from core.errors import IllegalState
from core.nudge import nudge
from core.types import Actor
from notifications.choices import MessageState
from notifications.domain.claims import TRIES_FROM
from notifications.domain.outbox import DELIVER
from notifications.models import Message


def retry(message: Message, *, actor: Actor, now: datetime) -> Message:
    """Try a failed message again from the first attempt, with the same dedup key.

    One that failed in a bundle leaves alone this time. Raises IllegalState for one that has not failed.
    Attempts keep counting, so that the result of an old attempt can never be taken for that of a new one.
    """
    with transaction.atomic():
        row = Message.objects.select_for_update(no_key=True).get(pk=message.pk)
        if row.state != MessageState.FAILED:
            raise IllegalState("Only a message that has failed can be tried again.", code="not_failed")
        row.state, row.next_at, row.bundle = MessageState.PENDING, now, ""
        row.data = {**row.data, TRIES_FROM: row.attempts}
        row.save(update_fields=["state", "next_at", "data", "bundle"])
        record(
            "message.retry",
            actor=actor,
            now=now,
            subject_kind="message",
            subject_id=row.pk,
            subject_name=row.subject,
            detail={"channel": row.channel, "recipient": row.recipient_id, "error": row.error},
        )
        nudge(DELIVER)
    return row
