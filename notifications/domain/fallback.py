"""A channel failed for good: the person's next one takes over, and the inbox says so."""

from datetime import datetime

from notifications.channels import CHANNELS
from notifications.choices import Channel, MessageState
from notifications.domain.outbox import routes_for
from notifications.domain.outgoing import INSTEAD_OF
from notifications.models import Message

FAILED = "failed"
_USED_UP = (MessageState.FAILED, MessageState.CANCELLED)


def lock_family(dedup_key: str, channel: str) -> dict[str, Message]:
    """The messages of one event to one person by channel, locked, given the key of one of them.

    In the order of their keys, as `cancel_about` does: two that lock several messages never wait for one
    another in a ring.
    """
    event = dedup_key.removesuffix(f":{channel}")
    keys = {dedup_key, *(f"{event}:{each}" for each in {*Channel.values, *CHANNELS})}
    rows = Message.objects.select_related("recipient").select_for_update(of=("self",), no_key=True)
    return {row.channel: row for row in rows.filter(dedup_key__in=keys).order_by("pk")}


def take_over(message: Message, family: dict[str, Message], now: datetime) -> Message | None:
    """Have the next channel of the person's rules reach them now; None where none is left.

    One that waits for its delay is brought forward, one that is missing is written, one that is on its way
    or has arrived needs nothing. The inbox message keeps what failed.
    """
    error = message.error[:200]
    inbox = family.get(Channel.IN_APP)
    if inbox is not None and inbox.pk != message.pk:
        inbox.data = {**inbox.data, FAILED: {**inbox.data.get(FAILED, {}), message.channel: error}}
        inbox.save(update_fields=["data"])
    note = {"channel": message.channel, "error": error}
    for channel in _later_channels(message):
        following = family.get(channel)
        if following is None:
            return _write(message, channel, note, now)
        if following.state in _USED_UP:
            continue
        if following.state == MessageState.PENDING and following.attempts == 0:
            following.next_at = min(following.next_at or now, now)
            following.data = {**following.data, INSTEAD_OF: note}
            following.save(update_fields=["next_at", "data"])
        return following
    return None


def _later_channels(message: Message) -> list[str]:
    """The person's channels after the one that failed; all of them where that one is not theirs any more."""
    order = [route.channel for route in routes_for(message.recipient, message.urgency)]
    if message.channel in order:
        order = order[order.index(message.channel) + 1 :]
    return [channel for channel in order if channel != Channel.IN_APP]


def _write(message: Message, channel: str, note: dict[str, str], now: datetime) -> Message:
    row = Message(
        recipient=message.recipient,
        channel=channel,
        urgency=message.urgency,
        kind=message.kind,
        subject=message.subject,
        body=message.body,
        url=message.url,
        about_kind=message.about_kind,
        about_ref=message.about_ref,
        dedup_key=f"{message.dedup_key.removesuffix(f':{message.channel}')}:{channel}",
        data={**message.data, INSTEAD_OF: note},
        next_at=now,
        created_at=now,
    )
    Message.objects.bulk_create([row], ignore_conflicts=True)
    return Message.objects.get(dedup_key=row.dedup_key)
