"""Reading, under locks, what the pipeline is to decide about: everything due to a few contacts, and what left lately.

Two couriers never look at one contact at once, or together they would send more than its limit. The lock is
tried, never waited for: a contact that another courier is looking at is left to it.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Count, Max, Min, Q, QuerySet

from notifications.choices import Channel, ContactState, MessageState
from notifications.domain.inbox import row_channels
from notifications.domain.outbox import OPEN_STATES
from notifications.domain.own_email import is_of_another_address
from notifications.domain.pipeline.shapes import Contact, Due, Sent, Topic
from notifications.domain.pipeline.throttle import LONGEST_WINDOW
from notifications.domain.routes import route_of
from notifications.models import ContactPoint, Message

# In a message's data: "code", "test" or "notice", which leave by themselves and at once.
ALONE = "alone"
# In a message's data: what it is about beside kind and thing, such as which promise.
STORY = "story"
# Rows looked at in one transaction.
MOST = 300
# How many contacts in other hands are looked past at most, and how many with rows in other hands.
IN_HANDS, ROWS_IN_HANDS = 200, 24
_LOCK_CLASS = 0x6D73  # "ms"; only these locks use it
# Person, channel, contact point.
Way = tuple[int, str, int | None]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Locked rows of contacts that are ours for this transaction, and what left to them lately."""

    rows: list[Message] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    without_email: dict[int, str] = field(default_factory=dict)

    def due(self, row: Message) -> Due:
        """The row as the pipeline sees it."""
        return Due(
            id=row.pk,
            key=row.dedup_key,
            contact=_contact(row.recipient_id, row.channel, row.contact_id),
            urgency=row.urgency,
            topic=_topic(row),
            severity=str(row.data.get("severity", "")),
            created_at=row.created_at,
            fresh=row.attempts == 0,
            bundle=row.bundle,
            alone=bool(row.data.get(ALONE)) or bool(self.closed(row)),
        )

    def closed(self, row: Message) -> str:
        """Why this way is not to be used any more; empty where it is."""
        contact = row.contact
        if contact is None:
            route = route_of(row.route_key)
            if route is not None and route.contact is not None:
                return "The contact point was removed."
            return self.without_email.get(row.recipient_id, "") if row.channel == Channel.EMAIL else ""
        if contact.state == ContactState.VERIFIED or row.data.get(ALONE) == "code":
            return ""
        if contact.state == ContactState.UNVERIFIED:
            return "The contact point is not verified."
        return f"The contact point is switched off: {contact.reason}"


def peek(now: datetime, limit: int) -> list[Way]:
    """Contacts to whom something is due, urgent ones and then the longest waiting first.

    A contact counts once however much is due to it. It locks nothing: rows that are locked only to be looked at
    would be missing where another courier gathers that contact, and tear what belongs together.
    """
    ways = _due(now).values_list("recipient_id", "channel", "contact_id").order_by()
    ways = ways.annotate(worst=Max("urgency"), oldest=Min("next_at")).order_by("-worst", "oldest")
    return [(recipient, channel, contact) for recipient, channel, contact, *_ in ways[: limit + IN_HANDS]]


def gather(wanted: Sequence[Way], now: datetime, limit: int) -> Gathered:
    """Everything due to the first `limit` of these contacts that are not in another courier's hands, and to a
    few more, as rows in other hands are passed over.

    Part of the caller's transaction, whose end gives everything free.
    """
    ways = _ours(wanted, limit + ROWS_IN_HANDS)
    if not ways:
        return Gathered()
    rows = (
        _due(now)
        .filter(_of(ways))
        .select_related("recipient", "contact")
        .order_by("-urgency", "-bundle", "pk")
    )
    locked = rows.select_for_update(of=("self",), skip_locked=True, no_key=True)[:MOST]
    return Gathered(
        _whole_bundles(list(locked)), [*_left(ways, now), *_under_way(ways, now)], _without_email(ways)
    )


def _due(now: datetime) -> QuerySet[Message]:
    return Message.objects.filter(next_at__lte=now, state__in=OPEN_STATES).exclude(channel__in=row_channels())


def _ours(ways: Sequence[Way], limit: int) -> set[Way]:
    """The first of them that no other courier is looking at; they are ours until the transaction ends."""
    numbers = {way: zlib.crc32(repr(way).encode()) - 2**31 for way in ways}
    with connection.cursor() as cursor:
        # one after the other, and no further than the limit: what is not needed is not locked
        cursor.execute(
            "SELECT n FROM unnest(%s::int[]) AS n WHERE pg_try_advisory_xact_lock(%s, n) LIMIT %s",
            [list(dict.fromkeys(numbers.values())), _LOCK_CLASS, limit],
        )
        got = {n for (n,) in cursor.fetchall()}
    return {way for way, n in numbers.items() if n in got}


def _whole_bundles(rows: list[Message]) -> list[Message]:
    """Without bundles of which a member is in other hands this moment: a bundle leaves whole or not at all."""
    have: dict[str, int] = {}
    for row in rows:
        if row.bundle:
            have[row.bundle] = have.get(row.bundle, 0) + 1
    if not have:
        return rows
    still_open = Message.objects.filter(bundle__in=have, state__in=OPEN_STATES).values_list("bundle")
    torn = {bundle for bundle, n in still_open.annotate(n=Count("pk")).order_by() if n != have[bundle]}
    return [row for row in rows if row.bundle not in torn]


def _left(ways: Iterable[Way], now: datetime) -> list[Sent]:
    sent = Message.objects.filter(_of(ways), state=MessageState.SENT, sent_at__gt=now - LONGEST_WINDOW)
    return [_sent(row, row.sent_at or now) for row in sent.defer("body")]


def _under_way(ways: Iterable[Way], now: datetime) -> list[Sent]:
    sending = Message.objects.filter(_of(ways), state=MessageState.SENDING, next_at__gt=now)
    return [_sent(row, now) for row in sending.defer("body")]


def _without_email(ways: Iterable[Way]) -> dict[int, str]:
    """Whose account's e-mail is switched off, and why."""
    people = [
        recipient for recipient, channel, contact in ways if channel == Channel.EMAIL and contact is None
    ]
    if not people:
        return {}
    points = ContactPoint.objects.filter(user__in=people, kind=Channel.EMAIL, address_sealed="")
    points = points.exclude(state=ContactState.VERIFIED).select_related("user")
    return {
        point.user_id: f"E-mail to the account's address is switched off: {point.reason}"
        for point in points
        if not is_of_another_address(point, point.user.email)
    }


def _of(ways: Iterable[Way]) -> Q:
    wanted = Q(pk__in=[])
    for recipient, channel, contact in ways:
        wanted |= Q(recipient=recipient, channel=channel, contact=contact)
    return wanted


def _contact(recipient: int, channel: str, contact: int | None) -> Contact:
    return recipient, f"{channel}.{contact or ''}"


def _topic(row: Message) -> Topic:
    return row.channel, f"{row.kind} {row.data.get(STORY, '')}", row.about_ref, row.about_kind


def _sent(row: Message, at: datetime) -> Sent:
    return Sent(
        id=row.pk,
        sending=row.bundle or row.dedup_key,
        contact=_contact(row.recipient_id, row.channel, row.contact_id),
        urgency=row.urgency,
        topic=_topic(row),
        created_at=row.created_at,
        sent_at=at,
    )
