"""A person's contact points as pages and programs read them. Everything starts at `contacts_of`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from notifications import rules
from notifications.choices import ContactState, MessageState
from notifications.domain.own_email import is_of_another_address
from notifications.domain.verifying import CODE_KIND, PAUSE, code_waits
from notifications.models import ContactPoint, Message


@dataclass(frozen=True, slots=True)
class Panel:
    """One contact point with what its owner may do now.

    `code_waits` says that a code is out; `trouble` is what the point answered to the last code or test.
    """

    point: ContactPoint
    code_waits: bool
    may_send: bool
    trouble: str
    on_its_way: bool


def contacts_of(user: Any) -> QuerySet[ContactPoint]:
    """This person's own; nobody sees another's here."""
    if not rules.can_have_contacts(user):
        return ContactPoint.objects.none()
    return ContactPoint.objects.filter(user=user).order_by("pk")


def panels(user: Any, now: datetime) -> list[Panel]:
    """Every contact point of the person, and how its last code fared."""
    points = [each for each in contacts_of(user) if not is_of_another_address(each, user.email)]
    last: dict[int, Message] = {}
    messages = Message.objects.filter(recipient=user, contact__in=points, about_kind="contact_point")
    for message in messages.order_by("created_at", "pk"):
        last[message.contact_id or 0] = message
    return [_panel(point, last.get(point.pk), now) for point in points]


def _panel(point: ContactPoint, last: Message | None, now: datetime) -> Panel:
    waits = code_waits(point, now) and point.state != ContactState.VERIFIED
    fresh = point.code_sent_at is not None and now < point.code_sent_at + PAUSE
    in_trouble = last is not None and last.error and last.state != MessageState.CANCELLED
    return Panel(
        point=point,
        code_waits=waits,
        may_send=point.state != ContactState.VERIFIED and not fresh,
        trouble=last.error if last is not None and in_trouble else "",
        on_its_way=last is not None
        and last.kind == CODE_KIND
        and last.state in {MessageState.PENDING, MessageState.SENDING},
    )
