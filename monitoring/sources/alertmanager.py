"""Prometheus Alertmanager's webhook, version "4".

One post is a group that mixes firing and resolved alerts under one group status, so only each alert's own
status counts. Alerts that the sender left out (`truncatedAlerts`) are counted and never resolved.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from monitoring.sources.base import (
    MAX_BODY,
    MAX_TITLE,
    MAX_VALUE,
    alerts_of,
    clean,
    count_of,
    pairs_of,
    severity_of,
    short_identity,
    text_of,
    time_of,
    url_of,
)
from monitoring.sources.fingerprint import fingerprint
from monitoring.sources.generic import parse_generic
from monitoring.sources.strict_json import read_object
from monitoring.types import Parsed, Signal, Status, UnparsableError

WATCHDOG = "Watchdog"
HEARTBEAT_NOTE = "heartbeat"
_STATUSES: dict[str, Status] = {"firing": "firing", "resolved": "resolved"}


class AlertmanagerSource:
    """Alertmanager's `webhook_config`. A body from a template of one's own is read as generic JSON."""

    slug = "alertmanager"
    label = "Prometheus Alertmanager"
    docs_url = "docs/intake.md#alertmanager"

    def parse(self, body: bytes, headers: Mapping[str, str]) -> Parsed:
        """Read one webhook. Raises UnparsableError."""
        data = read_object(body)
        if "version" not in data and not _looks_native(data):
            return parse_generic(data)
        notes: list[str] = []
        signals = []
        alerts, over = alerts_of(data)
        for alert in alerts:
            signal = read_alert(alert, notes)
            if signal.labels.get("alertname") == WATCHDOG:
                # A Watchdog fires for ever to show that the sender lives; its silence would be the news.
                notes.append(HEARTBEAT_NOTE)
            else:
                signals.append(signal)
        return close_post(data, signals, over, notes)


def read_alert(alert: Mapping[str, Any], notes: list[str]) -> Signal:
    """One member of `alerts[]`, in the shape that Alertmanager and Grafana share. Raises UnparsableError."""
    labels = pairs_of(alert, "labels", notes)
    annotations = pairs_of(alert, "annotations", notes)
    word = text_of(alert, "status", 60, one_line=True)
    status = _STATUSES.get(word.casefold())
    if status is None:
        raise UnparsableError(
            f"An alert has the status “{word}”." if word else "An alert has no status of its own.",
            "Each alert is “firing” or “resolved”; the status of the group doesn't count.",
        )
    starts_at, ends_at = time_of(alert, "startsAt"), time_of(alert, "endsAt")
    raw = labels.get("severity") or labels.get("sloth_severity") or ""
    resolved = status == "resolved"
    return Signal(
        identity=identity_of(alert, labels),
        status=status,
        title=_first(annotations, "summary", "title") or labels.get("alertname") or "Alert without a name",
        body=clean(_first(annotations, "description", "message"), MAX_BODY),
        labels=labels,
        annotations=annotations,
        severity=severity_of(raw),
        severity_raw=clean(raw, 100, one_line=True),
        starts_at=starts_at,
        # A firing alert's endsAt is only the moment when Alertmanager would give it up.
        ends_at=ends_at if resolved else None,
        event_at=ends_at if resolved else starts_at,
        url=url_of(alert, "generatorURL"),
    )


def identity_of(alert: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """The fingerprint that was sent, or the same one computed from the labels.

    Raises UnparsableError when there are neither.
    """
    sent = text_of(alert, "fingerprint", MAX_VALUE, one_line=True)
    if sent:
        return short_identity(sent)
    if not labels:
        raise UnparsableError(
            "An alert has neither labels nor a fingerprint.", "Nothing would tell it from others."
        )
    raw = alert["labels"]
    untouched = all(isinstance(value, str) for value in raw.values())
    return fingerprint(raw if untouched else labels)


def close_post(data: Mapping[str, Any], signals: list[Signal], over: int, notes: list[str]) -> Parsed:
    """The whole post from its alerts: titles on one line, what was left out, notes once each."""
    truncated = over + count_of(data, "truncatedAlerts")
    if truncated:
        notes.append(f"{truncated} more alerts were left out of this post; none of them counts as resolved.")
    return Parsed(
        signals=tuple(
            replace(signal, title=clean(signal.title, MAX_TITLE, one_line=True)) for signal in signals
        ),
        truncated=truncated,
        group_key=text_of(data, "groupKey", MAX_VALUE, one_line=True),
        notes=tuple(dict.fromkeys(notes)),
    )


def _looks_native(data: Mapping[str, Any]) -> bool:
    """Without a version, but each alert carries labels and its own status as Alertmanager writes them."""
    alerts = data.get("alerts")
    return isinstance(alerts, list) and all(
        isinstance(alert, dict) and "status" in alert and "labels" in alert and "id" not in alert
        for alert in alerts
    )


def _first(pairs: Mapping[str, str], *names: str) -> str:
    return next((pairs[name] for name in names if pairs.get(name)), "")
