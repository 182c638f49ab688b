"""Incidents that began elsewhere, as plain values: what `domain/history.py` writes down."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from incidents.choices import EntryKind, Resolution, State, Visibility
from services.choices import Party


@dataclass(frozen=True, slots=True)
class PastLine:
    """One line of the timeline. `who` is a name as the other system knows it, "" where it says nothing."""

    kind: EntryKind
    at: datetime
    text: str
    who: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    visibility: Visibility = Visibility.INTERNAL


@dataclass(frozen=True, slots=True)
class PastParty:
    """Who held the work from when to when; half-open. `team` is a slug, "" where no team is known."""

    party: Party
    team: str
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Past:
    """An incident with its whole history. Times are UTC instants; None is "not known".

    `service` is a slug, `owner` an e-mail address or "". `lines` begin with the opening and stand in their
    order; `parties` don't overlap, and the last one is open exactly while the incident is.
    """

    service: str
    title: str
    state: State
    severity: str
    opened_at: datetime
    lines: tuple[PastLine, ...]
    parties: tuple[PastParty, ...]
    summary: str = ""
    impact: str = ""
    urgency: str = ""
    severity_reason: str = ""
    owner: str = ""
    hold_party: Party | None = None
    hold_reason: str = ""
    resolution: Resolution | None = None
    resolution_note: str = ""
    started_at: datetime | None = None
    detected_at: datetime | None = None
    acknowledged_at: datetime | None = None
    mitigated_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    reopened_count: int = 0
