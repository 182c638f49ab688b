"""What a channel is: one file, one class, no database."""

from typing import Protocol

from notifications.types import Outcome, Outgoing

SENT = Outcome("sent")


class Channel(Protocol):
    """A way to one person. `slug` is its value in `choices.Channel`.

    `is_row` says that the message's own row is the delivery: nothing is sent, so that no other channel can
    hold it up.
    """

    slug: str
    is_row: bool

    def send(self, outgoing: Outgoing) -> Outcome:
        """Send it now; return "sent", or "held" where there is no way out.

        Runs in a thread of its own, outside any transaction, without the database, and must end by itself
        (10 s of silence at most). Raises DeliveryError, permanent or temporary.
        """
        ...
