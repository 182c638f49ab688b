"""The whole public log, counted a second time with the csv module alone.

Runs where MAINSTAY_EVENT_LOG names the file (incident_event_log.csv.gz); no row of it is part of the project.
"""

import csv
import gzip
import os
from collections import Counter
from datetime import UTC, datetime
from io import StringIO
from itertools import groupby, pairwise
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import Sum

from accounts.models import Team, User
from incidents.choices import EntryKind
from incidents.models import Clock, Entry, Incident, PartyInterval
from integrations.models import ExternalRef, ImportRun
from notifications.models import Message
from rotas.models import EscalationRun
from services.models import Service

FILE = os.environ.get("MAINSTAY_EVENT_LOG", "")
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not FILE, reason="MAINSTAY_EVENT_LOG names no file"),
]
OVER = ("Resolved", "Closed")
PARTY = {
    "Awaiting User Info": "client",
    "Awaiting Evidence": "client",
    "Awaiting Vendor": "partner",
    "Awaiting Problem": "engineering",
}
Rows = list[dict[str, str]]


def incidents_of_the_file() -> dict[str, Rows]:
    """Usable rows by number. They stand together and in order in this file; the test says so if that changes."""
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["incident_state"] != "-100"]
    found = {number: list(group) for number, group in groupby(rows, key=lambda row: row["number"])}
    assert sum(map(len, found.values())) == len(rows)
    return found


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=UTC)


def changes(rows: Rows, column: str) -> list[tuple[str, str]]:
    """Known values that follow another known one."""
    known = [row[column] for row in rows if row[column] != "?"]
    return [(one, other) for one, other in pairwise(known) if one != other]


def handed_on(rows: Rows) -> int:
    """Changes of group, the first group counting where the first row has none."""
    first = rows[0]["assignment_group"] == "?" and any(row["assignment_group"] != "?" for row in rows)
    return len(changes(rows, "assignment_group")) + first


def given(rows: Rows) -> int:
    return len(changes(rows, "assigned_to")) + any(row["assigned_to"] != "?" for row in rows)


def states(rows: Rows) -> list[str]:
    """States that differ from the one before, "New" standing before the first."""
    said = ["New", *(row["incident_state"] for row in rows)]
    return [other for one, other in pairwise(said) if one != other]


def held(rows: Rows) -> int:
    """How many times somebody new holds the work."""
    group = rows[0]["assignment_group"] if rows[0]["assignment_group"] != "?" else ""
    holder, times = ("own", group), 1
    for row in rows:
        group = row["assignment_group"] if row["assignment_group"] != "?" else group
        state = row["incident_state"]
        now = None if state in OVER else (PARTY[state], "") if state in PARTY else ("own", group)
        times += now is not None and now != holder
        holder = now
    return times


def imported() -> str:
    out = StringIO()
    call_command("import_event_log", FILE, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_the_whole_public_log(settings, tmp_path: Path):
    settings.HOME = tmp_path
    file = incidents_of_the_file()
    assert (len(file), sum(map(len, file.values()))) == (24_918, 141_707)

    assert imported().splitlines()[:2] == [
        "141712 rows read, 5 rejected.",
        "24918 incidents taken over, 0 were here already.",
    ]

    last = [rows[-1] for rows in file.values()]
    assert set(ExternalRef.objects.values_list("key", flat=True)) == set(file)
    assert Incident.objects.filter(state="closed", resolved_at=None).count() == 1_556
    assert Counter(Incident.objects.values_list("state", "severity")) == Counter(
        ("closed", f"SEV{row['priority']}") for row in last
    )
    by_key = dict(ExternalRef.objects.values_list("incident_id", "key"))
    times = {
        by_key[pk]: known
        for pk, *known in Incident.objects.values_list(
            "pk", "opened_at", "resolved_at", "closed_at", "reopened_count", "service__name"
        )
    }
    assert times == {
        number: [
            moment(rows[-1]["opened_at"]),
            moment(rows[-1]["resolved_at"]) if rows[-1]["resolved_at"] != "?" else None,
            moment(rows[-1]["closed_at"]),
            max(int(row["reopen_count"]) for row in rows),
            next((f"Category {row['category']}" for row in reversed(rows) if row["category"] != "?"), "Category not known"),
        ]
        for number, rows in file.items()
    }  # fmt: skip

    kinds = Counter(Entry.objects.values_list("kind", flat=True))
    assert kinds[EntryKind.OPENED] == 24_918
    assert kinds[EntryKind.PARTY] == sum(map(handed_on, file.values()))
    assert kinds[EntryKind.OWNER] == sum(map(given, file.values()))
    assert kinds[EntryKind.SEVERITY] == sum(len(changes(rows, "priority")) for rows in file.values())
    assert kinds[EntryKind.EDIT] == sum(len(changes(rows, "category")) for rows in file.values())
    waits = Counter(PARTY[state] for rows in file.values() for state in states(rows) if state in PARTY)
    on_hold = Entry.objects.filter(kind=EntryKind.STATE, text__startswith="On hold")
    assert Counter(on_hold.values_list("data__party", flat=True)) == waits
    reopened = Entry.objects.filter(kind=EntryKind.STATE, data__has_key="reopened")
    assert reopened.count() == sum(
        sum(int(other["reopen_count"]) > int(one["reopen_count"]) for one, other in pairwise(rows))
        + (rows[0]["reopen_count"] != "0")
        for rows in file.values()
    )
    assert PartyInterval.objects.count() == sum(map(held, file.values()))
    assert not PartyInterval.objects.filter(ends_at=None).exists()

    assert Service.objects.count() == len({known[-1] for known in times.values()})
    groups = {row["assignment_group"] for rows in file.values() for row in rows} - {"?"}
    assert Team.objects.count() == len(groups) + 1
    assert [kind.objects.count() for kind in (Clock, EscalationRun, Message, User)] == [0, 0, 0, 0]

    before = [
        list(kind.objects.order_by("pk").values_list("pk", flat=True))
        for kind in (Incident, Entry, PartyInterval)
    ]
    versions = Incident.objects.aggregate(Sum("version"))
    assert imported().splitlines()[1] == "0 incidents taken over, 24918 were here already."
    after = [
        list(kind.objects.order_by("pk").values_list("pk", flat=True))
        for kind in (Incident, Entry, PartyInterval)
    ]
    assert (after, Incident.objects.aggregate(Sum("version"))) == (before, versions)
    assert list(ImportRun.objects.order_by("pk").values_list("state", "incidents_made", "incidents_known", "rows_rejected")) == [
        ("done", 24_918, 0, 5),
        ("done", 0, 24_918, 5),
    ]  # fmt: skip
