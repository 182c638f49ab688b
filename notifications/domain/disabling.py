"""An address that is no good is switched off, once, and its owner told by whatever else works."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min
from django.utils.translation import gettext as _

from accounts.domain.audit import record
from core.types import SYSTEM
from notifications.choices import Channel, ContactState, MessageState, Urgency
from notifications.domain.gathering import ALONE
from notifications.domain.outbox import dead_routes, leave, routes_for
from notifications.domain.outgoing import channel_label
from notifications.domain.own_email import hint_of, is_of_another_address
from notifications.domain.routes import INBOX, Route, usable
from notifications.models import ContactPoint, Message
from notifications.types import Announcement

DISABLED_KIND = "contact.disabled"
# So many messages in a row over so long, within the days looked back at, are no chance.
SEVERAL, HOURS, LOOK_BACK = 3, timedelta(hours=6), timedelta(days=7)


def disable_route(message: Message, reason: str, *, now: datetime) -> ContactPoint | None:
    """Switch off the contact point that this message was sent to; for the account's own e-mail, write that down.

    Only a verified one can be switched off, so it happens once and is told once: by the first other route
    that works of its owner's rules for urgent calls, and in the inbox. None where it is off already, or there is nothing to
    switch off. Part of the caller's transaction.
    """
    point = message.contact or _own_email(message, now)
    if point is None:
        return None
    works = ContactPoint.objects.filter(pk=point.pk, state=ContactState.VERIFIED)
    if is_of_another_address(point, message.recipient.email):
        works = ContactPoint.objects.filter(pk=point.pk)
    hint = hint_of(message.recipient.email) if point.is_own_email else point.hint
    changed = works.update(state=ContactState.DISABLED, reason=reason[:300], state_at=now, hint=hint)
    if not changed:
        return None
    point.refresh_from_db()
    _tell(point, message, now)
    return point


def fails_for_hours(message: Message, now: datetime) -> bool:
    """Whether nothing has arrived where this message went for hours, though several were tried: it was no chance."""
    same = Message.objects.filter(
        recipient=message.recipient_id, channel=message.channel, contact=message.contact_id,
        created_at__gte=now - LOOK_BACK,
    )  # fmt: skip
    failed = same.filter(state=MessageState.FAILED)
    arrived = same.aggregate(last=Max("sent_at"))["last"]
    if arrived is not None:
        failed = failed.filter(created_at__gt=arrived)
    found = failed.aggregate(first=Min("created_at"), n=Count("pk"))
    return bool(found["n"] >= SEVERAL and found["first"] <= now - HOURS)


def name_of(point: ContactPoint) -> str:
    """What a message calls it: its name or hint, and what it is."""
    if point.is_own_email:
        return _("E-mail to your account's address")
    return f"{channel_label(point.kind)} {point.name or point.hint}"


def _own_email(message: Message, now: datetime) -> ContactPoint | None:
    """The row that stands for the account's own e-mail, written on first need; None for other channels."""
    if message.channel != Channel.EMAIL or message.route_key != Channel.EMAIL:
        return None
    fresh = ContactPoint(
        user=message.recipient, kind=Channel.EMAIL, state=ContactState.VERIFIED, state_at=now, created_at=now
    )
    ContactPoint.objects.bulk_create([fresh], ignore_conflicts=True)
    return ContactPoint.objects.get(user=message.recipient, kind=Channel.EMAIL, address_digest="")


def _tell(point: ContactPoint, message: Message, now: datetime) -> None:
    name = name_of(point)
    record(
        "contact_point.disable",
        actor=SYSTEM,
        now=now,
        subject_kind="contact_point",
        subject_id=point.pk,
        subject_name=str(point),
        detail={"user": point.user_id, "reason": point.reason},
    )
    body = [
        _("It answered: %(reason)s") % {"reason": point.reason},
        _("No call goes there until you verify it again on your page."),
    ]
    announcement = Announcement(
        key=f"contact:{point.pk}:off:{now.isoformat()}",
        kind=DISABLED_KIND,
        urgency=Urgency.URGENT,
        subject=_("%(name)s was switched off") % {"name": name},
        body="\n".join(body),
        url="/messages/contacts/",
        about_kind="contact_point",
        about_ref=str(point.pk),
        data={ALONE: "notice"},
    )
    leave(announcement, [(message.recipient, route) for route in _other_ways(message)], now=now)


def _other_ways(message: Message) -> list[Route]:
    """The inbox and the first of the person's other routes that works, at once. If that fails, the next takes over."""
    dead = dead_routes([message.recipient_id]).get(message.recipient_id, set())
    found = usable(routes_for(message.recipient, Urgency.URGENT), dead, Urgency.URGENT)
    others = [route for route in found if route.channel != Channel.IN_APP]
    return [INBOX, *(replace(route, delay_minutes=0) for route in others[:1])]
