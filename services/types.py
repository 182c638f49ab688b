"""Values that the catalogue hands to other rooms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
