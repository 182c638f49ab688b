"""Grafana's alerting webhook (unified alerting, Grafana 9 and newer).

Alertmanager's shape with more in it, and three habits of its own: since version 12 a resolve overwrites
`startsAt`; `DatasourceNoData` and `DatasourceError` replace the alert's name and may drop the rule's
labels; and an alert whose series vanished "resolves" although nobody knows that it is well.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from monitoring.sources.alertmanager import close_post, read_alert
from monitoring.sources.base import (
    MAX_NAME,
    alerts_of,
    clean,
    pairs_of,
    short_identity,
    text_of,
    url_of,
)
from monitoring.sources.strict_json import read_object
from monitoring.types import RULE_LABEL, Parsed, Signal, UnparsableError

_BLIND = {"DatasourceNoData": ("nodata", "No data"), "DatasourceError": ("error", "Query fails")}
_REASON = "grafana_state_reason"


class GrafanaSource:
    """Grafana's webhook contact point."""

    slug = "grafana"
    label = "Grafana"
    docs_url = "docs/intake.md#grafana"

    def parse(self, body: bytes, headers: Mapping[str, str]) -> Parsed:
        """Read one webhook. Raises UnparsableError, kindly for the webhook of Grafana 8 and older."""
        data = read_object(body)
        if "alerts" not in data and {"ruleId", "evalMatches"} & set(data):
            raise UnparsableError(
                "This is the webhook of Grafana's legacy alerting, which ended with Grafana 8.",
                "Use a webhook contact point of unified alerting (Grafana 9 or newer).",
            )
        notes: list[str] = []
        alerts, over = alerts_of(data)
        signals = [_read(alert, text_of(data, "orgId", 40, one_line=True), notes) for alert in alerts]
        return close_post(data, signals, over, notes)


def _read(alert: Mapping[str, Any], org_of_post: str, notes: list[str]) -> Signal:
    rule = text_of(alert, "ruleUID", MAX_NAME, one_line=True)
    if rule and not alert.get("fingerprint") and not pairs_of(alert, "labels"):
        alert = {**alert, "fingerprint": f"rule:{rule}"}
    signal = read_alert(alert, notes)
    org = text_of(alert, "orgId", 40, one_line=True) or org_of_post
    prefix = f"{org}:" if org else ""
    signal = replace(
        signal,
        identity=short_identity(prefix + signal.identity),
        labels={RULE_LABEL: rule, **signal.labels} if rule else signal.labels,
        url=signal.url or url_of(alert, "panelURL") or url_of(alert, "dashboardURL"),
        values=_values(alert),
    )
    if signal.status == "resolved":
        signal = _resolved(signal)
    blind = _BLIND.get(signal.labels.get("alertname", ""))
    return _blind(signal, prefix, rule, *blind) if blind else signal


def _resolved(signal: Signal) -> Signal:
    """A resolve: its start may be overwritten by its end, and it says why it ended when nothing was fixed."""
    began = signal.starts_at
    if began and signal.ends_at and began >= signal.ends_at:
        began = None
    reason = signal.annotations.get(_REASON) or signal.labels.get(_REASON) or ""
    return replace(signal, starts_at=began, resolve_reason=_snake(reason))


def _blind(signal: Signal, prefix: str, rule: str, word: str, title: str) -> Signal:
    """A rule that can't see: one alert for the rule, whatever labels are left of it."""
    name = signal.labels.get("rulename") or signal.title
    return replace(
        signal,
        # Its end, whatever Grafana calls the reason, means that the rule sees again.
        resolve_reason="",
        identity=short_identity(f"{prefix}rule:{rule}:{word}") if rule else signal.identity,
        status="no_data" if signal.status == "firing" else signal.status,
        title=f"{title}: {name}",
    )


def _values(alert: Mapping[str, Any]) -> dict[str, float]:
    """The numbers that the rule saw, by query letter; missing ones left out. Raises UnparsableError."""
    sent = alert.get("values")
    if sent is None:
        return {}
    if not isinstance(sent, dict):
        raise UnparsableError("“values” is not an object.", "Grafana sends numbers by query letter.")
    numbers = {
        clean(name, MAX_NAME, one_line=True): float(value)
        for name, value in list(sent.items())[:50]
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
    }
    return {name: value for name, value in numbers.items() if name and math.isfinite(value)}


def _snake(text: str) -> str:
    """`MissingSeries` as `missing_series`, at most 40 characters."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:40]
