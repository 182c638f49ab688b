"""Taking due messages in hand: one short transaction, before the network.

A claim leaves state "sending", the number of the process that has it in hand, and a lease in `next_at`: what a process
that ended has left is taken back at once, what one that hangs has when the lease runs out. What is due to one contact
is looked at together (`pipeline/`), by one courier at a time.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from core import alive, meter
from core.actions import action_of
from core.crypto import SecretUnreadableError
from core.rowsets import update_rows
from notifications.choices import MessageState
from notifications.domain.decision import Next, decide
from notifications.domain.gathering import Gathered, Way, gather, peek
from notifications.domain.inbox import DEACTIVATED
from notifications.domain.outbox import CALLED_BACK
from notifications.domain.outgoing import bundle_of, outgoing_of
from notifications.domain.pipeline.plan import plan
from notifications.domain.pipeline.shapes import Parcel, Wait
from notifications.models import DeliveryAttempt, Message
from notifications.types import Outcome, Outgoing

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)
_TAKE_BACK = f"""UPDATE notifications_message SET next_at = %s WHERE id IN (
    SELECT id FROM notifications_message WHERE state = 'sending' AND next_at > %s AND holder IS NOT NULL
    AND holder NOT IN ({alive.LIVING}) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)"""  # noqa: S608 - constants
# What a claim changes of a message, with its type in the database.
_TAKEN = {
    "id": "bigint", "state": "text", "attempts": "int", "next_at": "timestamptz", "holder": "int", "error": "text",
    "bundle": "text", "data": "jsonb",
}  # fmt: skip
_TAKE = ", ".join(f"{name} = given.{name}" for name in _TAKEN if name != "id")
TRIES_FROM = "tries_from"
SENT_TO = "to"
NOT_THEIRS = "Its person may not do any more what it asks for."
LOST = Outcome("lost", "The sender ended with the message in hand.")


@dataclass(frozen=True, slots=True)
class Member:
    """One message in hand: which attempt of which message."""

    message_id: int
    attempt: int
    dedup_key: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One sending in hand: what to send by which channel, and whose messages it carries (several: a bundle).

    `given_up` is why it is not sent any more: its senders died too often, or its contact point is no more.
    """

    channel: str
    outgoing: Outgoing
    members: tuple[Member, ...]
    given_up: str = ""

    @property
    def message_id(self) -> int:
        """The message it is known by."""
        return self.outgoing.message_id

    @property
    def attempt(self) -> int:
        """Which attempt it is."""
        return self.members[0].attempt


def take_back(now: datetime) -> int:
    """What processes that have ended left in hand is due now; how many messages. One query, which waits for nobody."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_BACK, [now, now])
        return int(cursor.rowcount)


def claim(now: datetime, limit: int, failed: list[Exception] | None = None) -> tuple[list[Claim], int]:
    """Take up to `limit` due sendings in hand, urgent ones first; and how many messages were cancelled instead.

    Due is what waits and what a dead sender left behind. Cancelled is what was called back meanwhile, is for
    somebody deactivated since or who may not do any more what it asks for, or is superseded.
    What is over a contact's limit waits, without an attempt.

    Where they can't be taken together each contact is tried by itself, so that one bad row stops no other; errors
    are added to `failed`, else raised.
    """
    ways = peek(now, limit)
    if not ways:
        return [], 0
    me = alive.number()
    try:
        return _claim(ways, now, limit, me)
    except Exception as error:
        if failed is None:
            raise
        log.warning("%s contacts are looked at one by one: %s", len(ways), error)
    taken: list[Claim] = []
    cancelled = 0
    for way in ways:
        if len(taken) >= limit:
            break
        try:
            more, ended = _claim([way], now, limit - len(taken), me)
        except Exception as error:
            log.exception("what is due to contact %s can't be taken in hand", way)
            failed.append(error)
            continue
        taken, cancelled = [*taken, *more], cancelled + ended
    return taken, cancelled


def _claim(ways: Sequence[Way], now: datetime, limit: int, me: int) -> tuple[list[Claim], int]:
    with transaction.atomic():
        found = gather(ways, now, limit)
        if not found.rows:
            return [], 0
        lost = [row for row in found.rows if row.state == MessageState.SENDING]
        attempts = {row.pk: attempt_of(row, row.attempts, LOST, now) for row in lost}
        alive = [row for row in found.rows if not _ended(row, now)]
        plans = plan([found.due(row) for row in alive], found.sent, now)
        rows = {row.pk: row for row in found.rows}
        for old, newer in plans.dropped.items():
            _supersede(rows[old], newer)
        for each in plans.wait:
            _defer(each, rows)
        parcels = plans.go[:limit]
        taken = [
            _take(parcel, [rows[each.id] for each in parcel.members], found, now, me) for parcel in parcels
        ]
        # what is left for the next round keeps its place, and its dead sender is noted then
        left = {each.id for parcel in plans.go[limit:] for each in parcel.members}
        touched = [row for row in found.rows if row.pk not in left]
        changed = [{name: getattr(row, name) for name in _TAKEN} for row in touched]
        update_rows("notifications_message", _TAKEN, changed, change=_TAKE, where="t.id = given.id")
        DeliveryAttempt.objects.bulk_create(attempts[row.pk] for row in lost if row.pk not in left)
    return taken, sum(row.state == MessageState.CANCELLED for row in touched)


def next_of(row: Message, outcome: Outcome, now: datetime, *, seed: int = 0) -> Next:
    """What becomes of a message after its present attempt. Members of a bundle share a `seed`, and so the pause."""
    called_back = row.data.get(CALLED_BACK, {}).get("reason", "")
    tries = row.attempts - int(row.data.get(TRIES_FROM, 0))
    return decide(tries, outcome, now, message_id=seed or row.pk, called_back=called_back)


def put(row: Message, following: Next) -> None:
    """Set its state on the row; not saved."""
    row.state, row.next_at, row.error = following.state, following.next_at, following.error


def attempt_of(
    row: Message, number: int, outcome: Outcome, now: datetime, milliseconds: int = 0
) -> DeliveryAttempt:
    """The record of an attempt; not saved."""
    return DeliveryAttempt(
        message_id=row.pk,
        at=now,
        number=number,
        outcome=outcome.kind,
        detail=outcome.detail[:500],
        milliseconds=milliseconds,
    )


def _ended(row: Message, now: datetime) -> bool:
    """Whether nothing is sent any more; then the row is cancelled, in memory."""
    if not row.recipient.is_active:
        put(row, Next(MessageState.CANCELLED, error=DEACTIVATED))
        return True
    if _is_not_theirs(row):
        put(row, Next(MessageState.CANCELLED, error=NOT_THEIRS))
        return True
    if row.state == MessageState.SENDING:
        following = next_of(row, LOST, now)
        if following.state == MessageState.CANCELLED:
            put(row, following)
            return True
    return False


def _is_not_theirs(row: Message) -> bool:
    """Whether it asks for something that its person may not do any more: it may not be theirs to read either."""
    name = str(row.data.get("action", ""))
    action = action_of(name) if name else None
    return action is not None and not action.may(row.recipient)


def _supersede(row: Message, newer: int) -> None:
    words = f"Superseded by a newer message about {row.about_ref} (number {newer}) before it left."
    put(row, Next(MessageState.CANCELLED, error=words))


def _defer(wait: Wait, rows: dict[int, Message]) -> None:
    for each in wait.parcel.members:
        rows[each.id].next_at, rows[each.id].error = wait.until, wait.words


def _take(parcel: Parcel, rows: Sequence[Message], found: Gathered, now: datetime, me: int) -> Claim:
    """In hand for this sender, in memory."""
    given_up = found.closed(rows[0]) or _died_too_often(rows[0], now)
    try:
        outgoing = _outgoing(parcel, rows, reveal=True)
    except SecretUnreadableError as error:
        outgoing, given_up = _outgoing(parcel, rows, reveal=False), given_up or str(error)
    except Exception as error:
        # its words may hold what is secret in the message
        log.error("message %s can't be put together: %s", rows[0].pk, type(error).__name__)
        outgoing = _bare(rows[0])
        given_up = given_up or f"It could not be put together ({type(error).__name__})."
    for row in rows:
        if row.state == MessageState.SENDING:
            meter.count("delivery", row.channel, LOST.kind)
        else:
            meter.late("delivery", row.next_at, now)
        row.state, row.next_at, row.attempts = MessageState.SENDING, now + LEASE, row.attempts + 1
        row.error, row.bundle, row.holder = "", parcel.bundle, me
        if row.contact is not None:
            row.data = {**row.data, SENT_TO: row.contact.hint}
    members = tuple(Member(row.pk, row.attempts, row.dedup_key) for row in rows)
    return Claim(rows[0].channel, outgoing, members, given_up)


def _outgoing(parcel: Parcel, rows: Sequence[Message], *, reveal: bool) -> Outgoing:
    if parcel.bundle:
        return bundle_of(rows, parcel.bundle, reveal=reveal)
    return outgoing_of(rows[0], reveal=reveal)


def _bare(row: Message) -> Outgoing:
    """Only what names it, for a message that is not sent."""
    return Outgoing(row.pk, row.dedup_key, row.recipient.name, "", row.subject, "", "", row.urgency)


def _died_too_often(row: Message, now: datetime) -> str:
    if row.state != MessageState.SENDING:
        return ""
    following = next_of(row, LOST, now)
    return following.error if following.state == MessageState.FAILED else ""
