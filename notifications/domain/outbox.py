"""What leaves is a row before it is sent: announcing an event, and calling pending messages back."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from accounts.choices import Role
from accounts.models import User
from core.nudge import nudge
from notifications import kinds
from notifications.choices import Channel, ContactState, MessageState
from notifications.domain.own_email import is_of_another_address
from notifications.domain.routes import INBOX, Route, routes, usable
from notifications.models import ContactPoint, Message, MutedKind, PersonalRule
from notifications.types import Announcement

DELIVER = "notifications.tasks.deliver"
OPEN_STATES = (MessageState.PENDING, MessageState.SENDING)
CALLED_BACK = "called_back"
_KEY_LENGTH = 160


def announce(announcement: Announcement, recipients: Iterable[User], *, now: datetime) -> list[Message]:
    """Leave one message for each recipient and route of their personal rules; ring delivery on commit.

    Announcing the same key again adds nothing for those who have it already, however many do it at once.
    The deactivated are left out, and who does without this kind (notifications.kinds); a service account has an inbox
    and nothing else; a contact point that is not verified, or switched off, is passed over. Returns the messages of this
    event to these people, written now or before. Part of the caller's transaction.
    """
    return announce_all([(announcement, list(recipients))], now=now)


def announce_all(events: Sequence[tuple[Announcement, Sequence[User]]], *, now: datetime) -> list[Message]:
    """The same for many events, each with its own recipients: as many questions as for one."""
    muted = _muted(events)
    told = [
        (
            event,
            {
                person.pk: person
                for person in people
                if person.is_active and (person.pk, event.kind) not in muted
            },
        )
        for event, people in events
    ]
    everybody = {pk: person for _, people in told for pk, person in people.items()}
    if not everybody:
        return []
    own = {
        urgency: _own_routes(everybody, urgency) for urgency in sorted({event.urgency for event, _ in told})
    }
    dead = dead_routes(everybody)
    # sorted, so that two announcements of the same event insert in the same order and can't deadlock
    return _store(
        [
            message_for(event, people[user_id], route, now)
            for event, people in sorted(told, key=lambda each: each[0].key)
            for user_id in sorted(people)
            for route in usable(
                _routes_of(people[user_id], own[event.urgency].get(user_id, []), event.urgency),
                dead.get(user_id, ()),
                event.urgency,
            )
        ]
    )


def _muted(events: Sequence[tuple[Announcement, Sequence[User]]]) -> set[tuple[int, str]]:
    """Who does without which kind, of the kinds that people may do without. No query where there is none of them."""
    optional = {event.kind for event, _ in events if kinds.is_optional(event.kind)}
    if not optional:
        return set()
    people = {person.pk for event, everybody in events if event.kind in optional for person in everybody}
    rows = MutedKind.objects.filter(user__in=people, kind__in=optional)
    return set(rows.values_list("user_id", "kind"))


def leave(announcement: Announcement, ways: Iterable[tuple[User, Route]], *, now: datetime) -> list[Message]:
    """One message for each of these people by that route, whatever their rules; ring delivery on commit."""
    return _store([message_for(announcement, person, route, now) for person, route in ways])


def _store(rows: Sequence[Message]) -> list[Message]:
    Message.objects.bulk_create(rows, ignore_conflicts=True)
    nudge(DELIVER)
    return list(Message.objects.filter(dedup_key__in=[row.dedup_key for row in rows]).order_by("pk"))


def cancel_about(
    about_kind: str,
    about_ref: str,
    *,
    kinds: Collection[str] = (),
    now: datetime,
    reason: str,
    keep_inbox: bool = False,
) -> int:
    """Call back what is not sent yet about a thing: waiting for its delay, its turn or its next try.

    `kinds` narrows it to some kinds of message; `keep_inbox` lets what goes to the inbox arrive. One that is
    on its way this moment can't be called back, but is not tried again. Returns how many were cancelled.
    """
    open_messages = Message.objects.filter(
        about_kind=about_kind, about_ref=about_ref, state__in=OPEN_STATES, next_at__isnull=False
    )
    if kinds:
        open_messages = open_messages.filter(kind__in=kinds)
    if keep_inbox:
        open_messages = open_messages.exclude(channel=Channel.IN_APP)
    with transaction.atomic():
        # locked first: a row may pass from "being sent" back to "waiting" between two updates
        locked = list(open_messages.select_for_update(no_key=True).order_by("pk"))
        for message in locked:
            message.data = {**message.data, CALLED_BACK: {"at": now.isoformat(), "reason": reason[:200]}}
            if message.state == MessageState.PENDING:
                message.state, message.next_at, message.error = MessageState.CANCELLED, None, reason[:500]
        Message.objects.bulk_update(locked, ["state", "next_at", "error", "data"])
    return sum(message.state == MessageState.CANCELLED for message in locked)


def event_key(key: str) -> str:
    """The event's part of a dedup key: long ones are cut and told apart by their digest."""
    if len(key) <= _KEY_LENGTH:
        return key
    return f"{key[: _KEY_LENGTH - 33]}#{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def _own_routes(people: Collection[int], urgency: str) -> dict[int, list[Route]]:
    """Personal rules in their order, by person."""
    own: dict[int, list[Route]] = {}
    rules = PersonalRule.objects.filter(user__in=people, urgency=urgency)
    rules = rules.order_by("user_id", "position", "pk")
    columns = rules.values_list("user_id", "channel", "delay_minutes", "contact_id")
    for user_id, channel, delay, contact in columns:
        own.setdefault(user_id, []).append(Route(channel, delay, contact))
    return own


def dead_routes(people: Collection[int]) -> dict[int, set[str]]:
    """The keys of routes that must not be used, by person: not verified, or switched off."""
    dead: dict[int, set[str]] = {}
    points = ContactPoint.objects.filter(user__in=people).exclude(state=ContactState.VERIFIED)
    for point in points.select_related("user"):
        if not is_of_another_address(point, point.user.email):
            route = Channel.EMAIL.value if point.is_own_email else Route(point.kind, contact=point.pk).key
            dead.setdefault(point.user_id, set()).add(route)
    return dead


def _routes_of(person: User, own: list[Route], urgency: str) -> tuple[Route, ...]:
    return (INBOX,) if person.role == Role.SERVICE else routes(own, urgency)


def routes_for(person: User, urgency: str) -> tuple[Route, ...]:
    """How this person is reached by their rules, in order; also by what doesn't work today."""
    return _routes_of(person, _own_routes([person.pk], urgency).get(person.pk, []), urgency)


def ways_today(people: Collection[User], urgency: str) -> dict[int, tuple[Route, ...]]:
    """How people are reached by their rules and by what works today, by person. Two queries."""
    keys = [person.pk for person in people]
    own, dead = _own_routes(keys, urgency), dead_routes(keys)
    return {
        person.pk: usable(
            _routes_of(person, own.get(person.pk, []), urgency), dead.get(person.pk, ()), urgency
        )
        for person in people
    }


def message_for(announcement: Announcement, person: User, route: Route, now: datetime) -> Message:
    """The row, not saved."""
    return Message(
        recipient=person,
        channel=route.channel,
        contact_id=route.contact,
        urgency=announcement.urgency,
        kind=announcement.kind[:40],
        subject=_clean(announcement.subject, 200),
        body=announcement.body.replace("\x00", ""),
        url=announcement.url[:300],
        about_kind=announcement.about_kind,
        about_ref=announcement.about_ref,
        dedup_key=f"{event_key(announcement.key)}:{person.pk}:{route.key}",
        data=dict(announcement.data),
        next_at=now + timedelta(minutes=route.delay_minutes),
        created_at=now,
    )


def _clean(text: str, length: int) -> str:
    """One line, no control characters, cut with an ellipsis."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= length else line[: length - 1] + "…"
