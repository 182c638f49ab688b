"""ServiceNow's incident event log: one row is an incident as it stood after one update.

The columns are those of the public log of the University of São Paulo (UCI Machine Learning Repository,
DOI 10.24432/C57S4H). `?` is "not known". This file reads rows; `event_story.py` makes a history of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from incidents.choices import Impact, State, Urgency
from integrations.sources.values import count, level
from integrations.types import Rejected, Row
from services.choices import Party, Severity

UNKNOWN: Final = ("?", "")
DATE_FORMAT: Final = "%d/%m/%Y %H:%M"
COLUMNS: Final = (
    "number", "incident_state", "reopen_count", "sys_mod_count", "opened_at", "sys_updated_by", "sys_updated_at",
    "category", "impact", "urgency", "priority", "assignment_group", "assigned_to", "resolved_at", "closed_at",
)  # fmt: skip
# Kept as they stand, where the file has them.
FACTS: Final = (
    "caller_id", "opened_by", "contact_type", "location", "subcategory", "u_symptom", "cmdb_ci", "made_sla",
    "reassignment_count", "knowledge", "u_priority_confirmation", "notify", "problem_id", "rfc", "vendor", "caused_by",
    "closed_code", "resolved_by", "sys_created_by", "sys_created_at",
)  # fmt: skip
STATES: Final[Mapping[str, tuple[State, Party | None]]] = {
    "New": (State.NEW, None),
    "Active": (State.INVESTIGATING, None),
    "Awaiting User Info": (State.ON_HOLD, Party.CLIENT),
    "Awaiting Evidence": (State.ON_HOLD, Party.CLIENT),
    "Awaiting Vendor": (State.ON_HOLD, Party.PARTNER),
    "Awaiting Problem": (State.ON_HOLD, Party.ENGINEERING),
    "Resolved": (State.RESOLVED, None),
    "Closed": (State.CLOSED, None),
}
_SEVERITIES = dict(enumerate(Severity, start=1))
_IMPACTS = dict(enumerate(Impact, start=1))
_URGENCIES = dict(enumerate(Urgency, start=1))
_MOST_REOPENED = 32_767


@dataclass(frozen=True, slots=True)
class Event:
    """One update. Texts are "" and values None where the log says nothing."""

    number: str
    said: str
    state: State
    waits_for: Party | None
    at: datetime
    opened_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    updates: int
    reopened: int
    category: str
    group: str
    assigned_to: str
    by: str
    severity: Severity | None
    impact: Impact | None
    urgency: Urgency | None
    cells: Mapping[str, str]


def missing(columns: Sequence[str]) -> list[str]:
    """Columns that a log must have and this one hasn't."""
    return [name for name in COLUMNS if name not in columns]


def event_of(row: Row, when: Callable[[str], datetime]) -> Event:
    """The update that a row tells. Raises Rejected with the reason."""
    cells = {name: _known(row.cells[name]) for name in COLUMNS}
    number = cells["number"]
    if not 0 < len(number) <= 100:
        raise Rejected("it has no number, or one of more than 100 characters")
    if cells["incident_state"] not in STATES:
        raise Rejected(
            f"incident_state is “{cells['incident_state'][:40]}”, which is no state of an incident"
        )
    for name in ("opened_at", "sys_updated_at"):
        if not cells[name]:
            raise Rejected(f"{name} is not known")
    state, waits_for = STATES[cells["incident_state"]]
    return Event(
        number=number,
        said=cells["incident_state"],
        state=state,
        waits_for=waits_for,
        at=_time(cells, "sys_updated_at", when),
        opened_at=_time(cells, "opened_at", when),
        resolved_at=_time(cells, "resolved_at", when) if cells["resolved_at"] else None,
        closed_at=_time(cells, "closed_at", when) if cells["closed_at"] else None,
        updates=count(cells["sys_mod_count"], "sys_mod_count", 10**9),
        reopened=count(cells["reopen_count"], "reopen_count", _MOST_REOPENED),
        category=cells["category"],
        group=cells["assignment_group"],
        assigned_to=cells["assigned_to"],
        by=cells["sys_updated_by"],
        severity=_SEVERITIES[level(cells["priority"], "priority", 4)] if cells["priority"] else None,
        impact=_IMPACTS[level(cells["impact"], "impact", 3)] if cells["impact"] else None,
        urgency=_URGENCIES[level(cells["urgency"], "urgency", 3)] if cells["urgency"] else None,
        cells=row.cells,
    )


def facts_of(events: Sequence[Event]) -> dict[str, str]:
    """What the log says beside the history: of each fact the last that is known."""
    found = {}
    for name in FACTS:
        told = (_known(event.cells.get(name, "")) for event in reversed(events))
        last = next(filter(None, told), "")
        if last:
            found[name] = last
    return found


def _known(text: str) -> str:
    return "" if text in UNKNOWN else text


def _time(cells: Mapping[str, str], name: str, when: Callable[[str], datetime]) -> datetime:
    try:
        return when(cells[name])
    except Rejected as error:
        raise Rejected(f"{name}: {error}") from None


def in_order(events: Sequence[Event]) -> list[Event]:
    """Updates of one incident as they followed each other.

    By the log's count of updates, then by time. Where the two contradict each other (a handful of the
    public log's incidents: their first row carries a later count) neither can be trusted, and the order of the
    file stands.
    """
    ordered = sorted(events, key=lambda event: (event.updates, event.at))
    if all(one.at <= other.at for one, other in pairwise(ordered)):
        return ordered
    return list(events)
