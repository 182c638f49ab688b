"""A person's rules as a page or program reads them."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from notifications.choices import Urgency
from notifications.domain.disabling import name_of
from notifications.domain.outbox import dead_routes, routes_for
from notifications.domain.outgoing import channel_label
from notifications.domain.personal import addable_keys
from notifications.domain.routes import Route, route_of
from notifications.models import ContactPoint, PersonalRule


@dataclass(frozen=True, slots=True)
class Line:
    """One route as a line of the panel. `works` is False where its address is not verified, or switched off."""

    key: str
    channel: str
    label: str
    delay_minutes: int
    works: bool


@dataclass(frozen=True, slots=True)
class RuleList:
    """How one person is reached at one urgency. `own` is False where the defaults hold.

    `addable` are routes (key, label) that are not among the lines.
    """

    urgency: str
    title: str
    sentence: str
    lines: list[Line]
    own: bool
    addable: list[tuple[str, str]]
    inbox_only: bool


def rule_lists(user: User) -> list[RuleList]:
    """The person's rules for urgent calls, then for ordinary news."""
    own = set(PersonalRule.objects.filter(user=user).values_list("urgency", flat=True))
    points = {
        Route(point.kind, contact=point.pk).key: point
        for point in ContactPoint.objects.filter(user=user).exclude(address_sealed="")
    }
    names = {key: name_of(point) for key, point in points.items()}
    dead = dead_routes([user.pk]).get(user.pk, set())
    addable = addable_keys(user)
    return [
        _list(urgency, routes_for(user, urgency), names, dead=dead, addable=addable, own=urgency in own)
        for urgency in (Urgency.URGENT, Urgency.ORDINARY)
    ]


def sentence(urgency: str, routes: tuple[Route, ...], names: dict[str, str] | None = None) -> str:
    """ "When I'm called: inbox at once, e-mail after 2 min." """
    parts = ", ".join(
        f"{_lower(_label(route, names or {}))} {_delay(route.delay_minutes)}" for route in routes
    )
    return f"{_title(urgency)}: {parts}."


def _list(
    urgency: str,
    routes: tuple[Route, ...],
    names: dict[str, str],
    *,
    dead: Collection[str],
    addable: list[str],
    own: bool,
) -> RuleList:
    used = {route.key for route in routes}
    lines = [
        Line(
            route.key,
            route.channel,
            _label(route, names),
            route.delay_minutes,
            route.key not in dead,
        )
        for route in routes
    ]
    rest = [route_of(key) for key in addable if key not in used]
    return RuleList(
        urgency=urgency,
        title=_title(urgency),
        sentence=sentence(urgency, routes, names),
        lines=lines,
        own=own,
        addable=[(route.key, _label(route, names)) for route in rest if route is not None],
        inbox_only=len(routes) == 1,
    )


def _title(urgency: str) -> str:
    return _("When I'm called") if urgency == Urgency.URGENT else _("Other news")


def _label(route: Route, names: dict[str, str]) -> str:
    return names.get(route.key) or channel_label(route.channel)


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]


def _delay(minutes: int) -> str:
    return _("after %(n)s min") % {"n": minutes} if minutes else _("at once")
