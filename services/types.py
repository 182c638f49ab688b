"""Values that the catalogue hands to other rooms."""

from dataclasses import dataclass
from typing import Literal

from core.calendars import BusinessHours

Tone = Literal["ok", "watch", "bad", "none"]


@dataclass(frozen=True, slots=True)
class Terms:
    """One promise of one severity, ready to be stamped on a clock.

    `kind` is acknowledge or resolve, `target_seconds` business time by `hours`; the warning comes at
    `warn_percent` of it. `pausable`: a hold stops the clock.
    """

    kind: str
    target_seconds: int
    warn_percent: int
    agreement_name: str
    pausable: bool
    hours: BusinessHours


@dataclass(frozen=True, slots=True)
class Truth:
    """The worst that is known of a service now: a tone, a word, a sentence, and where to read on.

    Tone `none` means that nobody can tell; it is never shown as good.
    """

    tone: Tone
    word: str
    sentence: str = ""
    url: str = ""
