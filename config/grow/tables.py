"""The tables that grow, and how a row of each is written for COPY. Pure."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Model
from django.db.models.fields import NOT_PROVIDED

from incidents.models import Clock, Entry, Incident, IncidentAlert, Participant, PartyInterval
from monitoring.models import Alert, AlertChange, AlertOccurrence
from rotas.models import Call, EscalationRun

NULL = "\\N"
_REMEMBERED = 5_000
_seen: dict[str, "Raw"] = {}
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Raw(str):
    """Text that is in the form of COPY already."""

    __slots__ = ()


def as_json(value: Any) -> Raw:
    """A JSON value as a cell."""
    return Raw(json.dumps(value, ensure_ascii=False).translate(_ESCAPES))


def stamp(at: datetime) -> Raw:
    """An instant as a cell, for one that is written more than once."""
    return Raw(at.isoformat())


def _seen_json(value: Any) -> Raw:
    """The same, remembered: most values come again and again."""
    key = repr(value)
    found = _seen.get(key)
    if found is None:
        if len(_seen) > _REMEMBERED:
            _seen.clear()
        found = _seen[key] = as_json(value)
    return found


def _text(value: str) -> str:
    # Far quicker than to translate what needs none.
    return value if value.isprintable() and "\\" not in value else value.translate(_ESCAPES)


_CELLS: dict[type, Callable[[Any], str]] = {
    Raw: lambda value: value,
    str: _text,
    int: str,
    bool: lambda value: "t" if value else "f",
    datetime: datetime.isoformat,
    type(None): lambda value: NULL,
    dict: _seen_json,
    list: _seen_json,
}


class Table:
    """A model with the fields that rows give, in their order; every other column gets its default."""

    def __init__(self, model: type[Model], *fields: str) -> None:
        self.model = model
        self.fields = fields

    @cached_property
    def columns(self) -> list[str]:
        """The columns of a COPY: those given, then those with a default."""
        return [*self.fields, *self._defaults]

    @cached_property
    def _tail(self) -> str:
        return "".join("\t" + cell(value) for value in self._defaults.values())

    @cached_property
    def _defaults(self) -> dict[str, Any]:
        meta = self.model._meta
        given = {*self.fields, meta.pk.column if meta.pk else ""}
        return {
            str(field.column): field.get_default()
            for field in meta.concrete_fields
            if field.column not in given and field.db_default is NOT_PROVIDED
        }

    def line(self, values: Iterable[Any]) -> str:
        """One row, ended."""
        return "\t".join([_CELLS[type(value)](value) for value in values]) + self._tail + "\n"


def cell(value: Any) -> str:
    """One value as COPY reads it."""
    return _CELLS[type(value)](value)


INCIDENTS = Table(
    Incident, "id", "service_id", "title", "state", "severity", "source", "owner_id", "party", "hold_party",
    "hold_reason", "resolution", "resolution_note", "started_at", "detected_at", "acknowledged_at", "mitigated_at",
    "resolved_at", "closed_at", "opened_at", "next_due_at", "last_entry", "last_entry_at", "search",
)  # fmt: skip
CLOCKS = Table(
    Clock, "incident_id", "hours", "kind", "state", "agreement_id", "version", "agreement_name", "severity",
    "target_seconds", "warn_percent", "pausable", "started_at", "due_at", "warn_at", "pauses", "warned_at", "breached_at",
    "met_at", "ended_at", "next_at", "paused_at", "left_seconds",
)  # fmt: skip
ENTRIES = Table(
    Entry, "incident_id", "kind", "visibility", "happened_at", "recorded_at", "actor_kind", "actor_id",
    "actor_name", "text", "data",
)  # fmt: skip
HOLDERS = Table(PartyInterval, "incident_id", "party", "team_id", "starts_at", "ends_at")
PARTICIPANTS = Table(Participant, "incident_id", "user_id", "role", "joined_at")
ALERTS = Table(
    Alert, "id", "integration_id", "identity", "service_id", "status", "severity", "title", "labels", "annotations",
    "service_hint", "starts_at", "ends_at", "event_at", "first_seen_at", "last_seen_at", "count",
)  # fmt: skip
CHANGES = Table(AlertChange, "alert_id", "kind", "at", "event_at", "handled_at", "lane")
OCCURRENCES = Table(AlertOccurrence, "alert_id", "delivery_id", "status", "at", "event_at", "expires_at")
LINKS = Table(IncidentAlert, "incident_id", "alert_id", "linked_at")
RUNS = Table(
    EscalationRun, "id", "subject_id", "subject_kind", "policy_id", "policy_name", "terms", "state", "step",
    "started_at", "ended_at", "end_reason",
)  # fmt: skip
CALLS = Table(Call, "run_id", "round", "step", "user_id", "outcome", "at", "why")
# In the order in which they may be written: what is referred to comes first.
TABLES = (
    INCIDENTS, CLOCKS, ENTRIES, HOLDERS, PARTICIPANTS, ALERTS, CHANGES, OCCURRENCES, LINKS, RUNS, CALLS,
)  # fmt: skip


class Batch:
    """Rows of all tables, ready to be copied."""

    def __init__(self) -> None:
        self.lines: dict[Table, list[str]] = defaultdict(list)
        self.incidents = 0

    def add(self, table: Table, *values: Any) -> None:
        self.lines[table].append(table.line(values))

    def add_fields(self, table: Table, first: Iterable[Any], fields: dict[str, Any]) -> None:
        """A row whose first values are given in order and the others by name; what is missing is null."""
        head = list(first)
        rest = [fields.get(name) for name in table.fields[len(head) :]]
        self.lines[table].append(table.line([*head, *rest]))
