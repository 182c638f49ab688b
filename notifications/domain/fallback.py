"""A route failed for good: the person's next one takes over, and the inbox says so."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from notifications.choices import Channel, MessageState
from notifications.domain.outbox import dead_routes, routes_for
from notifications.domain.outgoing import INSTEAD_OF, route_label
from notifications.domain.routes import Route, usable
from notifications.models import Message

FAILED = "failed"
# What the engine keeps on a message about that message alone.
_OF_THE_ROW = frozenset({"tries_from", "to", "called_back", FAILED})
_USED_UP = (MessageState.FAILED, MessageState.CANCELLED)
Family = dict[str, Message]


def lock_families(dedup_keys: Iterable[str]) -> dict[str, Family]:
    """The messages of some events, each to one person, by route; locked. Given a key of each.

    In the order of their numbers, as `cancel_about` does: two that lock several messages never wait for one
    another in a ring.
    """
    events = {key.rpartition(":")[0] for key in dedup_keys}
    found: dict[str, Family] = {event: {} for event in events}
    wanted = Q(pk__in=[])
    for event in events:
        wanted |= Q(dedup_key__startswith=f"{event}:")
    rows = Message.objects.select_related("recipient", "contact")
    for row in rows.select_for_update(of=("self",), no_key=True).filter(wanted).order_by("pk"):
        # another event's key may begin with this one's
        if row.event_key in found:
            found[row.event_key][row.route_key] = row
    return found


def take_over(message: Message, family: Family, now: datetime) -> Message | None:
    """Have the next route of the person's rules reach them now; None where none is left.

    One that waits for its delay is brought forward, one that is missing is written, one that is on its way
    or has arrived needs nothing. The inbox message keeps what failed.
    """
    error = message.error[:200]
    inbox = family.get(Channel.IN_APP)
    if inbox is not None and inbox.pk != message.pk:
        inbox.data = {**inbox.data, FAILED: {**inbox.data.get(FAILED, {}), message.route_key: error}}
        inbox.save(update_fields=["data"])
    note = {"channel": message.channel, "label": route_label(message), "error": error}
    for route in _later_routes(message):
        following = family.get(route.key)
        if following is None:
            return _write(message, route, note, now)
        if following.state in _USED_UP:
            continue
        if following.state == MessageState.PENDING and following.attempts == 0:
            following.next_at = min(following.next_at or now, now)
            following.data = {**following.data, INSTEAD_OF: note}
            following.save(update_fields=["next_at", "data"])
        return following
    return None


def _later_routes(message: Message) -> list[Route]:
    """The person's routes after the one that failed; all of them where that one is not theirs any more.

    Only such as work today. An urgent call that would end here takes the account's e-mail, if that works.
    """
    wanted = routes_for(message.recipient, message.urgency)
    keys = [route.key for route in wanted]
    dead = dead_routes([message.recipient_id]).get(message.recipient_id, set())
    if message.route_key in keys:
        wanted = wanted[keys.index(message.route_key) :]
    found = usable(wanted, {*dead, message.route_key}, message.urgency)
    return [route for route in found if route.channel != Channel.IN_APP]


def _write(message: Message, route: Route, note: dict[str, str], now: datetime) -> Message:
    row = Message(
        recipient=message.recipient,
        channel=route.channel,
        contact_id=route.contact,
        urgency=message.urgency,
        kind=message.kind,
        subject=message.subject,
        body=message.body,
        url=message.url,
        about_kind=message.about_kind,
        about_ref=message.about_ref,
        dedup_key=f"{message.event_key}:{route.key}",
        data={
            **{name: value for name, value in message.data.items() if name not in _OF_THE_ROW},
            INSTEAD_OF: note,
        },
        next_at=now,
        created_at=now,
    )
    Message.objects.bulk_create([row], ignore_conflicts=True)
    return Message.objects.get(dedup_key=row.dedup_key)
