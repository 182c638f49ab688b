"""A person's own rules: which channels reach them, in which order, after how long."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from django.db import transaction

from accounts.domain.audit import record
from accounts.models import User
from core.errors import Invalid
from core.types import Actor
from notifications.choices import Channel, ContactState, Urgency
from notifications.domain.outbox import routes_for
from notifications.domain.routes import INBOX, Route, route_of
from notifications.models import ContactPoint, PersonalRule

LONGEST_DELAY = 120
Routes = tuple[Route, ...]


def add_channel(routes: Routes, key: str, minutes: int = 0) -> Routes:
    """The routes with this one last, or with its new delay where it is there already. Pure.

    `key` is a route's, e.g. email or webhook.12. Raises Invalid for what is none.
    """
    added = route_of(key, minutes)
    if added is None:
        raise Invalid(f"There is no channel {key[:40]!r}.", fields={"channel": ", ".join(Channel.values)})
    if any(route.key == key for route in routes):
        return tuple(added if route.key == key else route for route in routes)
    return (*routes, added)


def remove_channel(routes: Routes, key: str) -> Routes:
    """The routes without this one. Pure."""
    return tuple(route for route in routes if route.key != key)


def move_up(routes: Routes, key: str) -> Routes:
    """The routes with this one one place earlier, never before the inbox. Pure."""
    order = list(routes)
    at = next((n for n, route in enumerate(order) if route.key == key), 0)
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
        wanted = _checked(edit(before), known={*addable_keys(user), *(route.key for route in before)})
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


def addable_keys(user: User) -> list[str]:
    """The keys of routes that this person may put into their rules: inbox, e-mail, each verified contact point."""
    points = ContactPoint.objects.filter(user=user, state=ContactState.VERIFIED).exclude(address_sealed="")
    own = [Route(kind, contact=pk).key for kind, pk in points.order_by("pk").values_list("kind", "pk")]
    return [Channel.IN_APP.value, Channel.EMAIL.value, *own]


def _checked(routes: Routes, *, known: Collection[str]) -> Routes:
    """The inbox first and at once, then each other route once."""
    rest = [route for route in routes if route.channel != Channel.IN_APP]
    keys = [route.key for route in rest]
    if len(set(keys)) != len(keys):
        raise Invalid("Each channel stands in the list once.", fields={"channel": "only once"})
    if unknown := [route for route in rest if route.key not in known]:
        if unknown[0].contact is not None or unknown[0].channel in Channel.values:
            words = "Rules take contact points of your own that are verified."
            raise Invalid(words, fields={"contact_point": "not verified, or not yours"})
        raise Invalid(
            f"There is no channel {unknown[0].channel!r}.", fields={"channel": ", ".join(Channel.values)}
        )
    if any(not 0 <= route.delay_minutes <= LONGEST_DELAY for route in rest):
        raise Invalid(
            f"A delay is 0 to {LONGEST_DELAY} minutes.", fields={"delay_minutes": f"0 to {LONGEST_DELAY}"}
        )
    return (INBOX, *rest)


def _write(user: User, urgency: str, routes: Routes) -> None:
    PersonalRule.objects.filter(user=user, urgency=urgency).delete()
    PersonalRule.objects.bulk_create(
        PersonalRule(
            user=user,
            urgency=urgency,
            channel=route.channel,
            contact_id=route.contact,
            delay_minutes=route.delay_minutes,
            position=n,
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
    return [f"{route.key} +{route.delay_minutes}" for route in routes]
