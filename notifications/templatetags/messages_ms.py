"""Marks of messages."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.ui import marks
from notifications.choices import ContactState, MessageState
from notifications.domain.outgoing import channel_label, route_label
from notifications.models import ContactPoint, Message

register = template.Library()
register.filter("channel_word", channel_label)
register.filter("route_word", route_label)

_TONES = {MessageState.FAILED: "bad", MessageState.HELD: "watch", MessageState.SENT: "ok"}


@register.simple_tag
def message_state(message: Message) -> SafeString:
    """The state as a word in a pill."""
    tone = _TONES.get(message.state, "")
    css = f" ms-tag-{tone}" if tone else ""
    return format_html('<span class="ms-tag{}">{}</span>', css, message.get_state_display())


@register.simple_tag
def contact_state(point: ContactPoint) -> SafeString:
    """The state of a contact point as a word in a pill."""
    tone = {ContactState.VERIFIED: "ok", ContactState.DISABLED: "bad"}.get(ContactState(point.state), "watch")
    return format_html('<span class="ms-tag ms-tag-{}">{}</span>', tone, point.get_state_display())


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
    """Which other routes failed to bring the same: (label, error)."""
    failed = message.data.get("failed", {})
    return [(channel_label(key.partition(".")[0]), error) for key, error in failed.items()]
