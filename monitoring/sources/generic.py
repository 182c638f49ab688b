"""Our own documented JSON, for anything that can post: docs/intake.md has the table of fields."""

from collections.abc import Mapping
from typing import Any

from monitoring.sources.base import (
    MAX_BODY,
    MAX_LABELS,
    MAX_TITLE,
    MAX_VALUE,
    alerts_of,
    clean,
    clean_pairs,
    pairs_of,
    severity_of,
    short_identity,
    text_of,
    time_of,
    url_of,
)
from monitoring.sources.cloudevents import from_headers, is_event, read_events
from monitoring.sources.strict_json import as_object, read_json
from monitoring.types import Parsed, Signal, Status, UnparsableError

SERVICE_LABEL = "service"
_STATUSES: dict[str, Status] = {
    "": "firing",
    "firing": "firing",
    "resolved": "resolved",
    "no_data": "no_data",
}
_FIELDS = {
    "id", "status", "title", "description", "severity", "service", "labels", "annotations",
    "url", "starts_at", "ends_at", "event_at",
}  # fmt: skip


class GenericSource:
    """One alert as an object, or several as `{"alerts": […]}`; CloudEvents too."""

    slug = "generic"
    label = "Generic JSON"
    docs_url = "docs/intake.md#generic-json"

    def parse(self, body: bytes, headers: Mapping[str, str]) -> Parsed:
        """Read one post. Raises UnparsableError."""
        value = read_json(body)
        event = value if is_event(value) else from_headers(value, headers)
        if event is None:
            return parse_generic(as_object(value))
        alerts, over, ids = read_events(event)
        return _parsed(alerts, over, ids)


def parse_generic(data: dict[str, Any]) -> Parsed:
    """Read the object of one post. Raises UnparsableError."""
    return _parsed(*(alerts_of(data) if "alerts" in data else ([data], 0)))


def _parsed(alerts: list[dict[str, Any]], over: int, ids: tuple[str, ...] = ()) -> Parsed:
    notes: list[str] = []
    signals = tuple(_read(alert, notes) for alert in alerts)
    if over:
        notes.append(f"{over} more alerts were left out of this post; none of them counts as resolved.")
    return Parsed(signals=signals, truncated=over, notes=tuple(dict.fromkeys(notes)), event_ids=ids)


def _read(alert: Mapping[str, Any], notes: list[str]) -> Signal:
    status = _status(alert)
    service = text_of(alert, "service", one_line=True)
    labels = pairs_of(alert, "labels", notes)
    if service:
        labels = {SERVICE_LABEL: service, **labels}
    unknown = {key: value for key, value in alert.items() if key not in _FIELDS}
    annotations = clean_pairs([*pairs_of(alert, "annotations", notes).items(), *unknown.items()])
    if len(unknown) > MAX_LABELS:
        notes.append(f"Unknown keys of one alert were left out; {MAX_LABELS} are kept as annotations.")
    starts_at, ends_at = time_of(alert, "starts_at"), time_of(alert, "ends_at")
    raw = text_of(alert, "severity", 100, one_line=True) or clean(
        labels.get("severity", ""), 100, one_line=True
    )
    identity = _identity(alert)
    return Signal(
        identity=identity,
        status=status,
        title=text_of(alert, "title", MAX_TITLE, one_line=True)
        or clean(labels.get("alertname", "") or identity, MAX_TITLE, one_line=True),
        body=text_of(alert, "description", MAX_BODY),
        labels=labels,
        annotations=annotations,
        severity=severity_of(raw),
        severity_raw=raw,
        starts_at=starts_at,
        ends_at=ends_at if status == "resolved" else None,
        event_at=time_of(alert, "event_at") or (ends_at if status == "resolved" else starts_at),
        url=url_of(alert, "url"),
    )


def _identity(alert: Mapping[str, Any]) -> str:
    sent = alert.get("id")
    text = "" if isinstance(sent, bool | float) else text_of(alert, "id", MAX_VALUE, one_line=True)
    if not text:
        raise UnparsableError(
            "An alert has no “id”.",
            "Send “id”: the text that stays the same when this alert fires again and when it resolves.",
        )
    return short_identity(text)


def _status(alert: Mapping[str, Any]) -> Status:
    word = text_of(alert, "status", 60, one_line=True)
    status = _STATUSES.get(word.casefold())
    if status is None:
        raise UnparsableError(f"The status “{word}” is not known.", "Send “firing”, “resolved” or “no_data”.")
    return status
