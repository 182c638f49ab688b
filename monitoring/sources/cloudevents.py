"""CloudEvents 1.0 in the generic intake: one event as JSON, several as a list, or `ce-` headers beside the data.

The envelope says who sent it, when, and with which id; `data` is read as generic JSON with a few more words
that monitors of models use (`state`, `dedup_key`, `kind`, `links`).
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from monitoring.sources.base import MAX_ALERTS, MAX_VALUE, text_of
from monitoring.sources.strict_json import kind_of
from monitoring.types import UnparsableError

_HEADERS = ("ce-specversion", "ce-id", "ce-source", "ce-type", "ce-subject", "ce-time")
# Plain facts in `data` that become labels, so that routing rules and runbooks can match them.
_LABELS = ("service", "kind", "model", "model_version", "environment", "feature")
_LINKS = ("report", "dashboard", "run")


def is_event(value: Any) -> bool:
    """Whether a JSON value is one CloudEvent in structured mode, or a batch of them."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(each, dict) and "specversion" in each for each in value)
    return isinstance(value, dict) and "specversion" in value


def from_headers(data: Any, headers: Mapping[str, str]) -> dict[str, Any] | None:
    """The event whose envelope came as headers (binary mode), None where there is none."""
    given = {name.removeprefix("ce-"): headers[name] for name in _HEADERS if headers.get(name)}
    return {**given, "data": data} if "specversion" in given else None


def read_events(value: Any) -> tuple[list[dict[str, Any]], int, tuple[str, ...]]:
    """Events as generic alerts, how many more there were than we take, and the id of each that was taken.

    Raises UnparsableError.
    """
    events = value if isinstance(value, list) else [value]
    taken = events[:MAX_ALERTS]
    return [_alert(event) for event in taken], len(events) - len(taken), tuple(map(event_id, taken))


def event_id(event: Mapping[str, Any]) -> str:
    """Source and id, hashed: together they tell an event from every other. Raises UnparsableError without them."""
    source, own = text_of(event, "source", one_line=True), text_of(event, "id", one_line=True)
    if not (source and own):
        raise UnparsableError("A CloudEvent has no “id” or no “source”.", "Both are required by CloudEvents.")
    return "ce:" + hashlib.sha256(f"{source} {own}".encode()).hexdigest()


def _alert(event: Mapping[str, Any]) -> dict[str, Any]:
    data = event.get("data")
    if not isinstance(data, dict):
        raise UnparsableError(
            f"A CloudEvent's “data” is {kind_of(data)}, not an object.", "Send the alert as JSON in “data”."
        )
    subject, kind = text_of(event, "subject", one_line=True), text_of(data, "kind", one_line=True)
    known = {name: data[name] for name in _LABELS if data.get(name) not in (None, "")}
    given = data.get("labels")
    links = data.get("links")
    rest = {
        key: value for key, value in data.items() if key not in {"state", "dedup_key", "links", *_LABELS[1:]}
    }
    title = " ".join(part for part in (kind.replace("_", " "), subject and f"({subject})") if part)
    return {
        **rest,
        "id": data.get("dedup_key") or data.get("id") or _place(event, subject),
        "status": data.get("state") or data.get("status"),
        "title": data.get("title") or title.capitalize() or None,
        "labels": {**known, **given} if isinstance(given, dict) else given if given is not None else known,
        "url": data.get("url") or (_link(links) if isinstance(links, dict) else None),
        "event_at": data.get("event_at") or event.get("time"),
    }


def _place(event: Mapping[str, Any], subject: str) -> str:
    """What an event without a key of its own is about."""
    parts = (
        text_of(event, "source", MAX_VALUE, one_line=True),
        text_of(event, "type", one_line=True),
        subject,
    )
    return " ".join(part for part in parts if part)


def _link(links: Mapping[str, Any]) -> Any:
    return next((links[name] for name in _LINKS if isinstance(links.get(name), str)), None)
