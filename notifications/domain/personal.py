"""A person's own rules: which channels reach them, in which order, after how long."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from django.db import transaction

from accounts.domain.audit import record
from accounts.models import User
from core.errors import Invalid
from core.types import Actor
from notifications.choices import Channel, Urgency
from notifications.domain.outbox import routes_for
from notifications.domain.routes import INBOX, Route
from notifications.models import PersonalRule

LONGEST_DELAY = 120
Routes = tuple[Route, ...]


def add_channel(routes: Routes, channel: str, minutes: int = 0) -> Routes:
    """The routes with this channel last, or with its new delay where it is there already. Pure."""
    added = Route(channel, minutes)
    if any(route.channel == channel for route in routes):
        return tuple(added if route.channel == channel else route for route in routes)
    return (*routes, added)


def remove_channel(routes: Routes, channel: str) -> Routes:
    """The routes without this channel. Pure."""
    return tuple(route for route in routes if route.channel != channel)


def move_up(routes: Routes, channel: str) -> Routes:
    """The routes with this channel one place earlier, never before the inbox. Pure."""
    order = list(routes)
    at = next((n for n, route in enumerate(order) if route.channel == channel), 0)
    if at > 1:
        order[at - 1], order[at] = order[at], order[at - 1]
    return tuple(order)


def change(
    user: User, urgency: str, edit: Callable[[Routes], Routes], *, actor: Actor, now: datetime
) -> Routes:
    """Edit the person's routes for one urgency, starting from what holds today (the defaults if they have none).

    Returns what holds now. Raises Invalid for an unknown urgency, channel or delay.
    """
    if urgency not in Urgency.values:
        raise Invalid("Rules are for urgent calls or ordinary news.", fields={"urgency": "urgent, ordinary"})
    with transaction.atomic():
        # one edit at a time: two tabs of one person add up
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        before = routes_for(user, urgency)
        wanted = _checked(edit(before), known={*Channel.values, *(route.channel for route in before)})
        if wanted == before and PersonalRule.objects.filter(user=user, urgency=urgency).exists():
            return before
        _write(user, urgency, wanted)
        _tell(user, urgency, before, wanted, actor=actor, now=now)
    return wanted


def set_all(user: User, urgency: str, routes: Sequence[Route], *, actor: Actor, now: datetime) -> Routes:
    """Replace the person's routes for one urgency."""
    return change(user, urgency, lambda _: tuple(routes), actor=actor, now=now)


def reset(user: User, urgency: str, *, actor: Actor, now: datetime) -> Routes:
    """Back to what holds for everybody."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        before = routes_for(user, urgency)
        deleted, _ = PersonalRule.objects.filter(user=user, urgency=urgency).delete()
        after = routes_for(user, urgency)
        if deleted:
            _tell(user, urgency, before, after, actor=actor, now=now)
    return after


def _checked(routes: Routes, *, known: Collection[str]) -> Routes:
    """The inbox first and at once, then each other channel once."""
    rest = [route for route in routes if route.channel != Channel.IN_APP]
    names = [route.channel for route in rest]
    if len(set(names)) != len(names):
        raise Invalid("Each channel stands in the list once.", fields={"channel": "only once"})
    if unknown := [name for name in names if name not in known]:
        raise Invalid(f"There is no channel {unknown[0]!r}.", fields={"channel": ", ".join(Channel.values)})
    if any(not 0 <= route.delay_minutes <= LONGEST_DELAY for route in rest):
        raise Invalid(
            f"A delay is 0 to {LONGEST_DELAY} minutes.", fields={"delay_minutes": f"0 to {LONGEST_DELAY}"}
        )
    return (INBOX, *rest)


def _write(user: User, urgency: str, routes: Routes) -> None:
    PersonalRule.objects.filter(user=user, urgency=urgency).delete()
    PersonalRule.objects.bulk_create(
        PersonalRule(
            user=user, urgency=urgency, channel=route.channel, delay_minutes=route.delay_minutes, position=n
        )
        for n, route in enumerate(routes)
    )


def _tell(user: User, urgency: str, before: Routes, after: Routes, *, actor: Actor, now: datetime) -> None:
    record(
        "account.notification_rules",
        actor=actor,
        now=now,
        subject_kind="user",
        subject_id=user.pk,
        subject_name=str(user),
        detail={"urgency": urgency, "before": _said(before), "after": _said(after)},
    )


def _said(routes: Routes) -> list[str]:
    return [f"{route.channel} +{route.delay_minutes}" for route in routes]
