"""Times as HTML: the words, the exact instant on hover, and what the browser needs to refresh them.

What doesn't change with the minute is put together once for each instant, zone and language.
"""

from datetime import UTC, datetime
from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from core.instants import shown_in
from core.ui import words


def age(at: datetime, now: datetime, zone: str) -> SafeString:
    """How old or how far away at `now`, without "ago": "1 h 32". `zone` (IANA) is the reader's."""
    return _time(at, words.duration((now - at).total_seconds()), zone, ' data-rel="age"')


def ago(at: datetime, now: datetime, zone: str) -> SafeString:
    """ "4 min ago", "in 12 min"."""
    return _time(at, words.relative(at, now), zone, ' data-rel="ago"')


def when(at: datetime, now: datetime, zone: str, *, hands: bool = False) -> SafeString:
    """The time in the reader's zone: "19:38 EAT". `hands` leaves day and zone to the title."""
    return _hands(at, zone) if hands else _time(at, words.absolute(at, zone, now), zone)


def hands(at: datetime, zone: str) -> SafeString:
    """The clock in `zone` (IANA), "19:38"; day and letters of the zone on hover."""
    return _time(at, words.clock_time(at, zone), zone)


# `when` has an argument of that name.
_hands = hands


def _time(at: datetime, said: str, zone: str, live: str = "") -> SafeString:
    return SafeString(f"{_opening(shown_in(at, UTC), zone, get_language())}{live}>{escape(said)}</time>")


@lru_cache(maxsize=4096)
def _opening(at: datetime, zone: str, language: str | None) -> str:
    stamp = at.isoformat(timespec="seconds").replace("+00:00", "Z")
    return f'<time datetime="{stamp}" title="{escape(words.full(at, zone))}"'
