"""Marks of alerts: shape, word, colour, in the same place on every page."""

from functools import lru_cache

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.ui.marks import health, mark
from monitoring.models import Alert
from monitoring.queries.alerts import Listed

register = template.Library()

_SEVERITIES: dict[str, tuple[str, Promise]] = {
    "critical": ("1", _("Critical")),
    "warning": ("3", _("Warning")),
    "info": ("4", _("Info")),
}
_STATUSES: dict[str, tuple[str, Promise]] = {
    "firing": ("bad", _("Firing")),
    "no_data": ("off", _("No data")),
    "resolved": ("ok", _("Resolved")),
}
_REASONS: dict[str, Promise] = {
    "missing_series": _("Ended: series missing"),
    "no_data": _("Ended: no data"),
    "error": _("Ended: query fails"),
    "paused": _("Ended: rule paused"),
    "updated": _("Ended: rule changed"),
    "rule_deleted": _("Ended: rule deleted"),
}
_KINDS: dict[str, Promise] = {
    "fired": _("began to fire"),
    "refired": _("fired again"),
    "worse": _("got worse"),
    "resolved": _("resolved"),
    "no_data": _("turned to no data"),
}


@register.simple_tag
def urgency(value: str) -> SafeString:
    """How urgent the machine says it is: shape and word."""
    return _urgency(value, get_language())


@lru_cache(maxsize=32)
def _urgency(value: str, _language: str | None) -> SafeString:
    number, word = _SEVERITIES.get(value, ("5", _("Unknown")))
    return format_html('<span class="sev sev-{}">{}{}</span>', number, mark(f"sev{number}"), word)


@register.simple_tag
def alert_status(alert: Alert | Listed) -> SafeString:
    """Firing, no data, resolved; a resolve that fixed nothing says so and is not green."""
    return _status(alert.status, alert.resolve_reason, get_language())


@lru_cache(maxsize=128)
def _status(status: str, reason: str, _language: str | None) -> SafeString:
    if status == "resolved" and reason:
        return health("off", str(_REASONS.get(reason, _("Ended, not fixed"))))
    kind, word = _STATUSES.get(status, ("off", _("Unknown")))
    return health(kind, str(word))


@register.filter
def change_word(kind: str) -> str:
    """A transition as a verb."""
    return str(_KINDS.get(kind, kind))


@register.filter
def detail_word(detail: str) -> str:
    """Why an alert ended, in words; other details as they are."""
    return str(_REASONS.get(detail, detail))


@register.filter
def status_word(status: str) -> str:
    """The word of a status."""
    return str(_STATUSES.get(status, ("", status))[1])
