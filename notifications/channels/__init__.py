"""Every channel by its slug. A new one is one file and one line here (docs/recipes/add-a-channel.md)."""

from notifications.channels.base import Channel
from notifications.channels.email import EmailChannel
from notifications.channels.in_app import InAppChannel

CHANNELS: dict[str, Channel] = {channel.slug: channel for channel in (InAppChannel(), EmailChannel())}
