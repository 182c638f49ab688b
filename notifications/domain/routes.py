"""Which routes reach a person, in which order, after how long. Pure."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from notifications.choices import Channel, Urgency

_KEY = re.compile(r"([a-z_]{1,16})(?:\.([1-9]\d{0,17}))?")


@dataclass(frozen=True, slots=True)
class Route:
    """One way to a person, and how many minutes after the event it is used.

    `contact` is the number of a contact point; without one it is the channel's usual address.
    """

    channel: str
    delay_minutes: int = 0
    contact: int | None = None

    @property
    def key(self) -> str:
        """The way without its delay: `email`, `webhook.12`. Messages of one event differ in it."""
        return f"{self.channel}.{self.contact}" if self.contact else self.channel


INBOX = Route(Channel.IN_APP)
EMAIL = Route(Channel.EMAIL)
DEFAULTS: dict[str, tuple[Route, ...]] = {
    Urgency.URGENT: (INBOX, EMAIL),
    Urgency.ORDINARY: (INBOX,),
}


def route_of(key: str, minutes: int = 0) -> Route | None:
    """The route of a key such as `email` or `webhook.12`; None for what is none."""
    found = _KEY.fullmatch(key)
    return Route(found[1], minutes, int(found[2]) if found[2] else None) if found else None


def routes(own: Iterable[Route], urgency: str) -> tuple[Route, ...]:
    """The person's own routes in their order, or the defaults where they have none.

    The inbox is always among them and always at once: it costs nobody's sleep and is the record.
    """
    chosen = tuple(own) or DEFAULTS.get(urgency, (INBOX,))
    return (INBOX, *(route for route in chosen if route.channel != Channel.IN_APP))


def usable(wanted: tuple[Route, ...], dead: Collection[str], urgency: str) -> tuple[Route, ...]:
    """The routes that work today, given the keys of those that don't.

    Where that leaves an urgent call nothing but the inbox, the account's e-mail steps in (if it works): it
    was not the person's wish that nobody wakes them.
    """
    alive = tuple(route for route in wanted if route.key not in dead)
    lost_all = len(alive) < len(wanted) and all(route.channel == Channel.IN_APP for route in alive)
    if lost_all and urgency == Urgency.URGENT and EMAIL.key not in dead:
        return (*alive, replace(EMAIL))
    return alive
