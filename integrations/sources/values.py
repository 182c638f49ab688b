"""Words of a file as values: times, counts, names. Each says what is wrong with a word by raising Rejected."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

from django.utils.text import slugify

from core.zones import to_utc
from integrations.types import Rejected

ISO = "iso"
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_KEPT = 100_000


def moments(form: str, zone: str, latest: datetime) -> Callable[[str], datetime]:
    """A reader of times written as `form` (for strptime, or "iso") by the clocks of `zone`, as UTC instants.

    A time with an offset of its own keeps it. What does not exist (31 February), lies before 1970 or
    after `latest` is rejected.
    """

    @lru_cache(maxsize=_KEPT)
    def read(text: str) -> datetime:
        try:
            told = datetime.fromisoformat(text) if form == ISO else datetime.strptime(text, form)  # noqa: DTZ007
            at = told.astimezone(UTC) if told.tzinfo else to_utc(told, zone)
        except (ValueError, OverflowError, IndexError):
            raise Rejected(f"“{text[:40]}” is not a time") from None
        if at < _EARLIEST:
            raise Rejected(f"“{text[:40]}” lies before 1970")
        if at > latest:
            raise Rejected(f"“{text[:40]}” lies in the future")
        return at

    return read


def count(text: str, name: str, most: int) -> int:
    """A whole number from 0 to `most`."""
    if not (text.isascii() and text.isdigit() and len(text) < 12 and int(text) <= most):
        raise Rejected(f"{name} is “{text[:40]}”, not a number from 0 to {most}")
    return int(text)


@lru_cache(maxsize=1_000)
def level(text: str, name: str, most: int) -> int:
    """A step of a scale that begins with 1: "2", or "2 - Medium"."""
    first = text.split(" ", 1)[0].split("-", 1)[0]
    if not (first.isascii() and first.isdigit() and len(first) == 1 and 1 <= int(first) <= most):
        raise Rejected(f"{name} is “{text[:40]}”, not 1 to {most}")
    return int(first)


def labelled(label: str, text: str) -> str:
    """ "Category 55" of a bare "55"; what says more than a number stays as it is."""
    return f"{label} {text}" if text.isascii() and text.isdigit() else text


def slug_of(*words: str) -> str:
    """A slug of at most 50 characters, the same for the same words.

    Other words never share it because something was cut off or left out; only case and spaces don't count.
    """
    text = " ".join(" ".join(words).casefold().split())
    plain = slugify(text)
    if len(plain) <= 50 and text.replace(" ", "-") == plain:
        return plain
    return f"{plain[:41]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}".lstrip("-")
