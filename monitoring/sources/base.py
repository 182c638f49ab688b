"""What every source shares: reading one field at a time, typed and cleaned.

A source is pure: bytes in, `Parsed` out. It raises UnparsableError and nothing else. What it returns
can be stored as it is: no NUL, no lone surrogates, no control or text-direction characters, bounded sizes.
It is still text from a stranger: pages escape it, nothing treats it as HTML.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Protocol
from urllib.parse import urlsplit

from monitoring.sources.strict_json import kind_of, shown
from monitoring.types import Parsed, SignalSeverity, UnparsableError

MAX_ALERTS = 2_000
MAX_LABELS = 100
MAX_NAME = 200
MAX_VALUE = 2_000
MAX_TITLE = 200
MAX_BODY = 8_000
MAX_URL = 1_000
MAX_IDENTITY = 200
_KEPT_FIRST = ("alertname", "service", "severity", "environment", "model", "rule_uid")

_CRITICAL = {"critical", "crit", "page", "p0", "p1", "sev0", "sev1", "fatal", "emergency"}
_INFO = {
    "info",
    "information",
    "informational",
    "none",
    "ok",
    "debug",
    "notice",
    "p4",
    "p5",
    "sev4",
    "sev5",
    "low",
}

# Control characters but tab and line feed, lone surrogates, and marks that turn the direction of text.
_UNWANTED = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
_FIRST_YEAR = 1970
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,12}))?\s*([Zz]|[+-]\d\d:?\d\d)?", re.ASCII
)


class Source(Protocol):
    """One kind of sender. `slug` is its word in the intake URL, `docs_url` its part of docs/intake.md."""

    slug: str
    label: str
    docs_url: str

    def parse(self, body: bytes, headers: Mapping[str, str]) -> Parsed:
        """Read one post. Raises UnparsableError, never anything else."""
        ...


def alerts_of(data: Mapping[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """The first MAX_ALERTS objects of `data["alerts"]`, and how many more stood there.

    Raises UnparsableError when it isn't a list of objects.
    """
    alerts = data.get("alerts")
    if not isinstance(alerts, list):
        raise UnparsableError(
            f"“alerts” is {kind_of(alerts)}, not a list.", "Send the alerts as a list of objects."
        )
    for place, alert in enumerate(alerts[:MAX_ALERTS]):
        if not isinstance(alert, dict):
            raise UnparsableError(
                f"alerts[{place}] is {kind_of(alert)}, not an object.", "Send each alert as { … }."
            )
    return alerts[:MAX_ALERTS], max(0, len(alerts) - MAX_ALERTS)


def text_of(data: Mapping[str, Any], key: str, limit: int = MAX_VALUE, *, one_line: bool = False) -> str:
    """The cleaned text at `key`, cut to `limit`; numbers and booleans as text; absent or null is empty.

    Raises UnparsableError when a list or an object stands there.
    """
    value = data.get(key)
    if isinstance(value, list | dict):
        raise UnparsableError(f"“{shown(key)}” is {kind_of(value)}, not text.", "Send it as a string.")
    return clean(_as_text(value), limit, one_line=one_line)


def pairs_of(data: Mapping[str, Any], key: str, notes: list[str] | None = None) -> dict[str, str]:
    """The labels or annotations at `key`, cleaned: at most MAX_LABELS, names and values cut, values as text.

    Adds a sentence to `notes` when some were left out. Raises UnparsableError when it isn't an object.
    """
    value = data.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UnparsableError(f"“{shown(key)}” is {kind_of(value)}, not an object.", "Send names and values.")
    pairs = clean_pairs(value.items())
    left_out = len(value) - len(pairs)
    if left_out > 0 and notes is not None:
        notes.append(f"{left_out} {shown(key)} of one alert were left out; {MAX_LABELS} are kept.")
    return pairs


def clean_pairs(items: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """Cleaned names and values, in their order; the well-known names come first when some must go."""
    items = list(items)
    if len(items) > MAX_LABELS:
        items.sort(key=lambda item: item[0] not in _KEPT_FIRST)
    pairs: dict[str, str] = {}
    for raw_name, raw_value in items:
        name = clean(raw_name, MAX_NAME, one_line=True)
        if name and len(pairs) < MAX_LABELS:
            pairs.setdefault(name, clean(_as_text(raw_value), MAX_VALUE))
    return pairs


def clean(text: str, limit: int, *, one_line: bool = False) -> str:
    """`text` without unwanted characters, at most `limit` long, ending in “…” when cut."""
    if len(text) <= limit and text.isprintable() and not (one_line and "  " in text):
        return text.strip()  # almost always: no unwanted character is printable
    text = _UNWANTED.sub("", text[: limit * 2 + 64].replace("\r\n", "\n"))
    if one_line:
        text = " ".join(text.split())
    text = text.strip()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def time_of(data: Mapping[str, Any], key: str) -> datetime | None:
    """The RFC 3339 time at `key` in UTC; no zone means UTC; beyond microseconds is cut.

    Absent, null, empty, year 1 (“no time” in Go) and times outside 1970–2199 are None.
    Raises UnparsableError for other text and other types.
    """
    value = data.get(key)
    if value is None or value == "":
        return None
    hit = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if not hit:
        given = clean(_as_text(value), 40, one_line=True)
        raise UnparsableError(
            f"“{shown(key)}” is not a time: {given}", "Send RFC 3339, such as 2026-03-01T14:30:00Z."
        )
    year, month, day, hour, minute, second = (int(part) for part in hit.groups()[:6])
    if not _FIRST_YEAR <= year <= 2199:
        return None
    micros = int((hit[7] or "0").ljust(6, "0")[:6])
    try:
        # A leap second is read as the last second before it.
        moment = datetime(year, month, day, hour, minute, min(second, 59), micros, _zone(hit[8]))
        instant = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnparsableError(
            f"“{shown(key)}” is not a time that exists: {value[:40]}", "Check its digits."
        ) from None
    # new year's eve of 1969 by UTC is no time either
    return instant if instant.year >= _FIRST_YEAR else None


def count_of(data: Mapping[str, Any], key: str) -> int:
    """The whole number at `key`, 0 when absent or negative. Raises UnparsableError for anything else."""
    value = data.get(key)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnparsableError(f"“{shown(key)}” is {kind_of(value)}, not a whole number.", "Send a number.")
    return min(max(value, 0), 1_000_000_000)


def url_of(data: Mapping[str, Any], key: str) -> str:
    """The http(s) link at `key`, or empty when it isn't one. Raises UnparsableError for lists and objects."""
    text = text_of(data, key, MAX_URL + 1, one_line=True)
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    fits = (
        parts.scheme in {"http", "https"} and bool(parts.netloc) and len(text) <= MAX_URL and " " not in text
    )
    return text if fits else ""


def severity_of(raw: str) -> SignalSeverity:
    """Our severity for a source's word, whatever its case. An unknown word is a warning, never dropped."""
    word = raw.strip().casefold()
    if word in _CRITICAL:
        return "critical"
    return "info" if word in _INFO else "warning"


def short_identity(text: str) -> str:
    """`text`, or where it is too long its start and a hash that still tells it from others."""
    if len(text) <= MAX_IDENTITY:
        return text
    return text[: MAX_IDENTITY - 65] + "-" + hashlib.sha256(text.encode()).hexdigest()


def _zone(text: str | None) -> timezone:
    if not text or text in "Zz":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    # what is written out here must hold no NUL either, not even a spelled one
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("\\u0000", "")
