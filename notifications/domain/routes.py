"""Which channels reach a person, in which order, after how long. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from notifications.choices import Channel, Urgency


@dataclass(frozen=True, slots=True)
class Route:
    """One channel, and how many minutes after the event it is used."""

    channel: str
    delay_minutes: int = 0


INBOX = Route(Channel.IN_APP)
DEFAULTS: dict[str, tuple[Route, ...]] = {
    Urgency.URGENT: (INBOX, Route(Channel.EMAIL)),
    Urgency.ORDINARY: (INBOX,),
}


def routes(own: Iterable[Route], urgency: str) -> tuple[Route, ...]:
    """The person's own routes in their order, or the defaults where they have none.

    The inbox is always among them and always at once: it costs nobody's sleep and is the record.
    """
    chosen = tuple(own) or DEFAULTS.get(urgency, (INBOX,))
    return (INBOX, *(route for route in chosen if route.channel != Channel.IN_APP))
