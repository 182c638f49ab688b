"""Every channel by its slug. A new one is one file and one line here (docs/recipes/add-a-channel.md)."""

from notifications.channels.apprise import AppriseChannel
from notifications.channels.base import Channel
from notifications.channels.email import EmailChannel
from notifications.channels.in_app import InAppChannel
from notifications.channels.webhook import WebhookChannel

_ALL: tuple[Channel, ...] = (InAppChannel(), EmailChannel(), WebhookChannel(), AppriseChannel())
CHANNELS: dict[str, Channel] = {channel.slug: channel for channel in _ALL}
