"""The inbox in the portal: the row is the message."""

from notifications.channels.base import SENT
from notifications.choices import Channel
from notifications.types import Outcome, Outgoing


class InAppChannel:
    """Delivered once its row says so."""

    slug: str = Channel.IN_APP
    is_row = True

    def send(self, outgoing: Outgoing) -> Outcome:
        """Nothing leaves."""
        return SENT
