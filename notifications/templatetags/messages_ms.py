"""Marks of messages."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.ui import marks
from notifications.choices import MessageState
from notifications.domain.outgoing import channel_label
from notifications.models import Message

register = template.Library()
register.filter("channel_word", channel_label)

_TONES = {MessageState.FAILED: "bad", MessageState.HELD: "watch", MessageState.SENT: "ok"}


@register.simple_tag
def message_state(message: Message) -> SafeString:
    """The state as a word in a pill."""
    tone = _TONES.get(message.state, "")
    css = f" ms-tag-{tone}" if tone else ""
    return format_html('<span class="ms-tag{}">{}</span>', css, message.get_state_display())


@register.simple_tag
def message_mark(message: Message) -> SafeString:
    """Severity where it has one, else what moves it."""
    severity = str(message.data.get("severity", ""))
    if severity in {"SEV1", "SEV2", "SEV3", "SEV4"}:
        return marks.severity(severity)
    word = _("Call") if message.urgency == "urgent" else _("News")
    return format_html('<span class="faint">{}</span>', word)


@register.filter
def failed_channels(message: Message) -> list[tuple[str, str]]:
    """Which other channels failed to bring the same: (label, error)."""
    return [(channel_label(slug), error) for slug, error in message.data.get("failed", {}).items()]
