"""Values that the catalogue hands to other rooms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing a party asks for when work is handed to it; without a required one the work is not handed on."""

    key: str
    label: str
    required: bool


@dataclass(frozen=True, slots=True)
class Duty:
    """One activity with the letter of each party that has one. `own`: the service's own rows, not the template's."""

    slug: str
    name: str
    group: str
    letters: Mapping[str, str]
    help: str = ""
    needs_runbook: bool = False
    own: bool = False


@dataclass(frozen=True, slots=True)
class PartyBounds:
    """Where a party's work begins and ends. `timebox` in minutes, None for no limit; `hands_to` a party or ""."""

    party: str
    team_id: int | None = None
    team_name: str = ""
    authority: tuple[str, ...] = ()
    scope_in: str = ""
    scope_out: str = ""
    entry: str = ""
    evidence: tuple[Evidence, ...] = ()
    timebox: int | None = None
    out_of_hours: str = ""
    hands_to: str = ""
    return_path: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Who does what for a service, and where each party's work ends; without a service, the template."""

    duties: tuple[Duty, ...]
    parties: Mapping[str, PartyBounds] = field(default_factory=dict)
    service_id: int | None = None


@dataclass(frozen=True, slots=True)
class BoundaryProblem:
    """Something that boundaries leave open: a stable code, a sentence, and which activity or party it is about."""

    code: str
    sentence: str
    activity: str = ""
    party: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """How a service stands to one standard: pass, fail or na, what was found, and where it is mended."""

    state: Literal["pass", "fail", "na"]
    evidence: str = ""
    url: str = ""
