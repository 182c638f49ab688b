"""Instants as HTML: `<time>` with the instant for machines, the full time for a pointer."""

from datetime import UTC, datetime
from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from core.ui import words


def time_tag(at: datetime, said: str, zone: str, rel: str = "") -> SafeString:
    """`at` with the words `said`; on hover the full time in `zone` (IANA). `rel` ("ago", "age") lets the browser
    keep relative words fresh."""
    return _tag(at, said, zone, rel, get_language())


def hands(at: datetime, zone: str) -> SafeString:
    """`at` by the clock in `zone`, "19:38"; day and letters of the zone on hover."""
    return _hands(at, zone, get_language())


# Pure: all that is shown, and the language in which it is said, is in the key.
@lru_cache(maxsize=8192)
def _tag(at: datetime, said: str, zone: str, rel: str, language: str | None) -> SafeString:
    stamp = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    live = f' data-rel="{escape(rel)}"' if rel else ""
    title = escape(words.full(at, zone))
    return SafeString(f'<time datetime="{stamp}" title="{title}"{live}>{escape(said)}</time>')


@lru_cache(maxsize=8192)
def _hands(at: datetime, zone: str, language: str | None) -> SafeString:
    return _tag(at, words.clock_time(at, zone), zone, "", language)
