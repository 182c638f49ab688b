"""How long a provider asks to be left alone."""

import math
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

LONGEST = 24 * 3600


def seconds_of(headers: Mapping[str, str]) -> int | None:
    """`Retry-After` in seconds, given as seconds or as an HTTP date; None where it is absent or unreadable.

    A date counts from the answer's own `Date`, so that clocks that differ do no harm. A day at most.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), LONGEST)
    at = _stamp(text)
    if at is None:
        return None
    sent = _stamp(headers.get("date", ""))
    return max(0, min(math.ceil(at - (time.time() if sent is None else sent)), LONGEST))


def _stamp(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
