"""Values that the catalogue hands to other rooms."""

from dataclasses import dataclass
from typing import Literal

from core.calendars import BusinessHours

Tone = Literal["ok", "watch", "bad", "none"]


@dataclass(frozen=True, slots=True)
class Target:
    """How long is promised: `minutes` of business or elapsed time, `days` business days, or the next business day, at `at`
    (seconds of its local day; None: when it closes)."""

    mode: str = "business"
    minutes: int = 0
    days: int = 0
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of a ladder of warnings: at `amount` percent, or minutes of counted time before or after it is due, `act` is done:
    notify or remind `whom`, escalate (to `step`; None: the next), raise the severity."""

    unit: str
    amount: int
    act: str
    whom: str = "hands"
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """One promise of one severity, ready to be stamped on a clock.

    `target_seconds` of time by `hours`; the warning comes at `warn_percent` of it. `pausable`: a hold stops the clock, where
    `stops_for` names parties only one for them; it also stands still while one of `stops_with` has the work. `basis` is sla,
    ola or uc, `provider` the party that promises, `agreement` the key and `version` the number of the terms.
    """

    kind: str
    target_seconds: int
    warn_percent: int
    agreement_name: str
    pausable: bool
    hours: BusinessHours
    target: Target = Target()
    basis: str = "sla"
    provider: str = "l1"
    agreement: int | None = None
    version: int = 0
    stops_for: tuple[str, ...] = ()
    stops_with: tuple[str, ...] = ()
    on_reopen: str = "pause"
    on_severity: str = "keep"
    rungs: tuple[Rung, ...] = ()


@dataclass(frozen=True, slots=True)
class Truth:
    """The worst that is known of a service now: a tone, a word, a sentence, and where to read on.

    Tone `none` means that nobody can tell; it is never shown as good.
    """

    tone: Tone
    word: str
    sentence: str = ""
    url: str = ""
