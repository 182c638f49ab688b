"""A small event log in the form of ServiceNow's, composed for the tests."""

import csv
import gzip
import io
from pathlib import Path

COLUMNS = [
    "number", "incident_state", "active", "reassignment_count", "reopen_count", "sys_mod_count", "made_sla", "caller_id",
    "opened_by", "opened_at", "sys_created_by", "sys_created_at", "sys_updated_by", "sys_updated_at", "contact_type",
    "location", "category", "subcategory", "u_symptom", "cmdb_ci", "impact", "urgency", "priority", "assignment_group",
    "assigned_to", "knowledge", "u_priority_confirmation", "notify", "problem_id", "rfc", "vendor", "caused_by",
    "closed_code", "resolved_by", "resolved_at", "closed_at",
]  # fmt: skip


def row(number: str, state: str, at: str, count: int, **cells: str | int) -> dict[str, str]:
    """One update of an incident of 1 June 2025, 08:00; what isn't given is not known."""
    told = {
        "number": number,
        "incident_state": state,
        "sys_updated_at": at,
        "sys_mod_count": count,
        "opened_at": "1/6/2025 08:00",
        "reopen_count": 0,
        "impact": 2,
        "urgency": 2,
        "priority": 3,
        "category": 7,
        **cells,
    }
    return {name: str(told.get(name, "?")) for name in COLUMNS}


def text(rows: list[dict[str, str]], columns: list[str] = COLUMNS) -> str:
    """Rows as CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    """A log at `path`, packed where it is named .gz."""
    data = text(rows).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


ENDS = {"resolved_at": "1/6/2025 12:30", "closed_at": "3/6/2025 09:00", "closed_code": "6"}
# Opened, given to a group, handed on, waited for its user, resolved, reopened, resolved, closed.
LONG = [
    row("A1", "New", "1/6/2025 08:05", 0, sys_updated_by=3, caller_id=88, subcategory=21, u_symptom=4, **ENDS),
    row("A1", "Active", "1/6/2025 08:20", 1, sys_updated_by=3, assignment_group=70, **ENDS),
    row("A1", "Active", "1/6/2025 09:00", 2, sys_updated_by=5, assignment_group=71, assigned_to=9, priority=2, **ENDS),
    row("A1", "Awaiting User Info", "1/6/2025 10:00", 3, sys_updated_by=9, assignment_group=71, assigned_to=9, priority=2, **ENDS),
    row("A1", "Resolved", "1/6/2025 11:00", 4, sys_updated_by=9, assignment_group=71, assigned_to=9, priority=2, **ENDS),
    row("A1", "Active", "1/6/2025 12:00", 5, reopen_count=1, assignment_group=71, assigned_to=9, priority=2, **ENDS),
    row("A1", "Resolved", "1/6/2025 12:30", 6, sys_updated_by=9, reopen_count=1, assignment_group=71, assigned_to=9, priority=2,
        **ENDS),
    row("A1", "Closed", "3/6/2025 09:00", 7, reopen_count=1, assignment_group=71, assigned_to=9, priority=2, **ENDS),
]  # fmt: skip
# Closed, and nobody knows when it was resolved.
SHORT = [
    row("A2", "Resolved", "1/6/2025 08:10", 0, category=8, assignment_group=70, closed_at="6/6/2025 10:00"),
    row("A2", "Closed", "6/6/2025 10:00", 1, category=8, assignment_group=70, closed_at="6/6/2025 10:00"),
]
# Still open.
OPEN = [
    row("A3", "New", "1/6/2025 08:00", 0, priority=1, impact=1, urgency=1, category="?"),
    row("A3", "Awaiting Vendor", "1/6/2025 09:30", 1, priority=1, impact=1, urgency=1, category="?", assignment_group=70),
]  # fmt: skip
