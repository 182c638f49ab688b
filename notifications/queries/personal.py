"""A person's rules as a page or program reads them."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from notifications.choices import Channel, Urgency
from notifications.domain.outbox import routes_for
from notifications.domain.routes import Route
from notifications.models import PersonalRule


@dataclass(frozen=True, slots=True)
class RuleList:
    """How one person is reached at one urgency. `own` is False where the defaults hold.

    `addable` are channels (value, label) that are not among the routes.
    """

    urgency: str
    title: str
    sentence: str
    routes: tuple[Route, ...]
    own: bool
    addable: list[tuple[str, str]]
    inbox_only: bool


def rule_lists(user: User) -> list[RuleList]:
    """The person's rules for urgent calls, then for ordinary news."""
    own = set(PersonalRule.objects.filter(user=user).values_list("urgency", flat=True))
    return [_list(user, urgency, urgency in own) for urgency in (Urgency.URGENT, Urgency.ORDINARY)]


def sentence(urgency: str, routes: tuple[Route, ...]) -> str:
    """ "When I'm called: inbox at once, e-mail after 2 min." """
    parts = ", ".join(f"{_label(route.channel)} {_delay(route.delay_minutes)}" for route in routes)
    return f"{_title(urgency)}: {parts}."


def _list(user: User, urgency: str, own: bool) -> RuleList:
    routes = routes_for(user, urgency)
    used = {route.channel for route in routes}
    return RuleList(
        urgency=urgency,
        title=_title(urgency),
        sentence=sentence(urgency, routes),
        routes=routes,
        own=own,
        addable=[(value, label) for value, label in Channel.choices if value not in used],
        inbox_only=len(routes) == 1,
    )


def _title(urgency: str) -> str:
    return _("When I'm called") if urgency == Urgency.URGENT else _("Other news")


def _label(channel: str) -> str:
    label = str(Channel(channel).label) if channel in Channel.values else channel
    return label[:1].lower() + label[1:]


def _delay(minutes: int) -> str:
    return _("after %(n)s min") % {"n": minutes} if minutes else _("at once")
