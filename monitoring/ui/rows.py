"""Rows of the list of alerts as HTML, put together from strings; all that machines and people wrote is escaped."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.ui import times
from monitoring.choices import AlertStatus
from monitoring.queries.alerts import Listed
from monitoring.templatetags.alerts import alert_status, urgency


def body(alerts: Iterable[Listed], now: datetime, zone: str) -> SafeString:
    """The rows at `now`, in the reader's `zone` (IANA)."""
    base = reverse("monitoring:alerts")
    return SafeString("".join([_row(alert, base, now, zone) for alert in alerts]))


def _row(alert: Listed, base: str, now: datetime, zone: str) -> str:
    name = f" · {escape(alert.alertname)}" if alert.alertname else ""
    return (
        f'<tr data-row id="alert-{alert.pk}"><td>{urgency(alert.severity)}</td>'
        f'<td class="title"><a href="{base}{alert.pk}/">{escape(alert.title)}</a>'
        f"<small>{escape(alert.integration)}{name}</small></td>"
        f"<td>{alert_status(alert)}</td><td>{_whose(alert)}</td>"
        f'<td class="right num soft hide-phone">{times.age(alert.starts_at, now, zone)}</td>'
        f'<td class="right num soft">{times.ago(alert.last_seen_at, now, zone)}</td>'
        f'<td class="right num soft hide-phone">{alert.count}{_coalesced(alert)}</td></tr>'
    )


def _whose(alert: Listed) -> str:
    if alert.service:
        return f'{escape(alert.service)}<small class="faint"> {escape(alert.client or "Internal")}</small>'
    hint = f' <small class="faint">{escape(alert.service_hint)}</small>' if alert.service_hint else ""
    return f'<span class="ms-tag ms-tag-watch">{escape(_("Unrouted"))}</span>{hint}'


def _coalesced(alert: Listed) -> str:
    if not alert.coalesced or alert.status == AlertStatus.RESOLVED:
        return ""
    return f' <small class="faint">{escape(_("coalesced"))}</small>'
