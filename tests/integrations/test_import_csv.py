"""`manage.py import_csv`: any list of incidents, by a mapping of its columns and words."""

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Team
from incidents.choices import OPEN_STATES
from incidents.models import Clock, Incident
from integrations.domain import catalogue, importing
from integrations.models import ExternalRef, ImportRun
from notifications.models import Message
from rotas.models import EscalationRun
from services.models import Client, Service
from tests import make

pytestmark = pytest.mark.django_db
MAPPING = """
system = "Tracker"
zone = "Africa/Nairobi"
date_format = "%d.%m.%Y %H:%M"
delimiter = ";"
unknown = ["-", "n/a"]
details = ["Reporter"]

[columns]
key = "Ticket"
title = "Subject"
service = "System"
state = "Status"
severity = "Prio"
team = "Queue"
owner = "Who"
opened_at = "Created"
acknowledged_at = "Taken"
resolved_at = "Done"
closed_at = "Archived"
resolution = "How"

[values.state]
"In progress" = "investigating"
"waiting" = "on_hold"
"Done" = "resolved"
"Archived" = "closed"

[values.severity]
"1" = "SEV1"
"2" = "SEV2"

[values.service]
"Fraud" = "fraud-scoring"

[defaults]
severity = "SEV4"
hold_party = "client"

[create]
services = true
teams = true
client = "Acme"
"""
FILE = """Ticket;Subject;System;Status;Prio;Queue;Who;Created;Taken;Done;Archived;How;Reporter
T-1;Scores are late;Fraud;Archived;1;Night desk;alice@test.mainstay;01.06.2025 11:00;\
01.06.2025 11:05;01.06.2025 12:00;02.06.2025 09:00;Workaround;Jo
T-2;"Drift; again";Search;in progress;n/a;-;-;01.06.2025 11:00;-;01.06.2025 13:00;-;-;-
T-3;Waits;Search;WAITING;2;-;-;01.06.2025 11:00;-;-;-;-;-
"""


@pytest.fixture(autouse=True)
def home(settings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path / "home"
    return tmp_path


def run(home: Path, file: str = FILE, mapping: str = MAPPING, name: str = "map.toml", **options) -> list[str]:
    (home / "list.csv").write_text(file, encoding="utf-8")
    (home / name).write_text(mapping, encoding="utf-8")
    out = StringIO()
    call_command(
        "import_csv", str(home / "list.csv"), mapping=home / name, stdout=out, stderr=StringIO(), **options
    )
    return out.getvalue().splitlines()


def refused(home: Path, *args, **options) -> list[str]:
    with pytest.raises(CommandError) as error:
        run(home, *args, **options)
    assert Incident.objects.count() == 0
    return str(error.value).splitlines()


def by_key(key: str) -> Incident:
    return Incident.objects.get(pk=ExternalRef.objects.get(system="Tracker", key=key).incident_id)


def at(hour: int, minute: int = 0, day: int = 1) -> datetime:
    return datetime(2025, 6, day, hour, minute, tzinfo=UTC)


def test_a_row_is_an_incident_with_the_history_that_its_times_tell(home: Path):
    alice = make.user(email="alice@test.mainstay")
    fraud = make.service(slug="fraud-scoring")
    assert run(home)[:2] == ["3 rows read, 0 rejected.", "3 incidents taken over, 0 were here already."]
    incident = by_key("T-1")
    assert (incident.title, incident.service, incident.owner, incident.severity) == (
        "Scores are late", fraud, alice, "SEV1",
    )  # fmt: skip
    assert (incident.state, incident.resolution, incident.source) == ("closed", "workaround", "import")
    assert (incident.opened_at, incident.acknowledged_at, incident.resolved_at, incident.closed_at) == (
        at(8), at(8, 5), at(9), at(6, 0, 2),
    )  # fmt: skip
    assert list(incident.entries.values_list("happened_at", "text")) == [
        (at(8), "Incident opened as SEV1 in Tracker, number T-1"),
        (at(8, 5), "Acknowledged"),
        (at(9), "Resolved"),
        (at(6, 0, 2), "Closed"),
    ]
    held = incident.party_intervals.get()
    assert (held.party, held.team.name, held.starts_at, held.ends_at) == ("l2", "Night desk", at(8), at(9))
    assert incident.summary == "Number T-1 in Tracker\nReporter: Jo"


def test_what_is_open_is_open_without_a_clock_or_a_call(home: Path):
    make.policy(make.user())
    run(home)
    working, waiting = by_key("T-2"), by_key("T-3")
    assert (working.state, working.severity, working.resolved_at) == ("investigating", "SEV4", None)
    assert (waiting.state, waiting.hold_party) == ("on_hold", "client")
    assert waiting.party_intervals.get(ends_at=None).party == "client"
    assert Incident.objects.filter(state__in=OPEN_STATES).count() == 2
    assert [kind.objects.count() for kind in (Clock, EscalationRun, Message)] == [0, 0, 0]


def test_unknown_services_and_teams_are_made_where_the_mapping_says_so(home: Path):
    make.service(slug="fraud-scoring")
    run(home)
    made = Service.objects.get(slug="search")
    assert (made.name, made.client.name, made.lifecycle) == ("Search", "Acme", "retired")
    assert Team.objects.get(slug="night-desk").kind == "l2"


def test_else_their_rows_are_rejected(home: Path):
    make.service(slug="fraud-scoring")
    mapping = MAPPING.partition("[create]")[0]
    assert run(home, mapping=mapping)[:2] == [
        "3 rows read, 3 rejected.", "0 incidents taken over, 0 were here already.",
    ]  # fmt: skip
    assert Service.objects.count() == 1


def test_a_row_that_is_rejected_for_its_team_makes_no_service(home: Path):
    said = run(home, mapping=MAPPING.replace("teams = true", "teams = false"))
    assert said[0] == "3 rows read, 1 rejected."
    assert list(Service.objects.values_list("slug", flat=True)) == ["search"]


def test_a_row_that_is_rejected_for_its_service_makes_no_team(home: Path):
    said = run(home, mapping=MAPPING.replace("services = true", "services = false"))
    assert said[0] == "3 rows read, 3 rejected."
    assert Team.objects.count() == 0


def test_a_column_of_too_many_services_is_refused_before_anything_is_written(home: Path, monkeypatch):
    monkeypatch.setattr(catalogue, "MOST", 1)
    monkeypatch.setattr(importing, "BATCH", 1)
    file = FILE.replace("Night desk", "-")
    for _ in range(2):  # started again, it is refused again
        assert refused(home, file) == ["The file speaks of more than 1 new services. Is it the right column?"]
    assert [kind.objects.count() for kind in (Incident, ExternalRef, Service, Client, Team)] == [0] * 5
    assert list(ImportRun.objects.values_list("state", "incidents_made")) == [("failed", 0)] * 2


def test_the_team_of_the_client_may_be_one_of_the_file_too(home: Path):
    file = FILE.replace("Night desk", "Acme")
    assert run(home, file, dry_run=True)[-1] == "1 teams would be made: acme."
    assert run(home, file)[-1] == "1 teams made: acme."


def test_a_service_is_found_by_its_name_too(home: Path):
    named = make.service(slug="fraud-scoring", name="Search")
    run(home)
    assert by_key("T-3").service == named


def test_a_second_import_changes_nothing(home: Path):
    run(home)
    assert run(home)[1] == "0 incidents taken over, 3 were here already."
    assert Incident.objects.count() == 3


def test_a_dry_run_says_what_would_be_made(home: Path):
    said = run(home, dry_run=True)
    assert said == [
        "3 rows read, 0 rejected.",
        "3 incidents would be taken over, 0 were here already.",
        "2 services would be made: fraud-scoring, search.",
        "2 teams would be made: acme, night-desk.",
    ]
    assert (Incident.objects.count(), Service.objects.count(), ImportRun.objects.count()) == (0, 0, 0)


def test_a_json_mapping_does_the_same(home: Path):
    mapping = {
        "system": "Tracker",
        "columns": {
            "key": "Ticket",
            "title": "Subject",
            "service": "System",
            "state": "Status",
            "opened_at": "Created",
        },
        "values": {"state": {"Archived": "closed", "In progress": "investigating", "Waiting": "on_hold"}},
        "defaults": {"severity": "SEV3", "hold_party": "partner"},
        "date_format": "%d.%m.%Y %H:%M",
        "delimiter": ";",
        "create": {"services": True},
    }
    assert run(home, mapping=json.dumps(mapping), name="map.json")[0] == "3 rows read, 0 rejected."
    assert by_key("T-1").resolution == "not_recorded"
    assert (by_key("T-1").closed_at, by_key("T-1").opened_at) == (None, at(11))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("T-1;", ";", "key is empty"),
        ("Archived;1", "Gone;1", "state is “Gone”, which the mapping gives no meaning"),
        ("Archived;1", "-;1", "state is not known"),
        ("01.06.2025 11:05", "31.06.2025 11:05", "acknowledged_at: “31.06.2025 11:05” is not a time"),
        ("01.06.2025 11:05", "01.06.2025 10:00", "acknowledged_at lies before opened_at"),
        ("02.06.2025 09:00", "01.06.2025 11:30", "closed_at lies before resolved_at"),
        ("T-1;Scores are late;", "T-1;Scores are late;more;", "14 columns, not 13"),
        ('"Drift; again"', '"Drift; again"x', "';' expected after '\"'"),
        ("T-3;", "T-2;", "the same key as in line 3"),
    ],
)
def test_a_row_that_cannot_be_used_is_left_out_with_its_reason(home: Path, old: str, new: str, reason: str):
    said = run(home, FILE.replace(old, new, 1))
    assert said[:2] == ["3 rows read, 1 rejected.", "2 incidents taken over, 0 were here already."]
    assert said[-2].partition(": ")[2].partition(": ")[2] == reason


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ('"Subject"', '"Subjekt"', "columns.title: the file has no column “Subjekt”; did you mean “Subject”?"),
        ('["Reporter"]', '["Rapporteur"]', "details: the file has no column “Rapporteur”; did you mean “Reporter”?"),
        ('owner = "Who"', 'ownr = "Who"', "columns.ownr: no such field; did you mean “owner”?"),
        ('key = "Ticket"', "", "columns.key: every incident needs it"),
        (
            '"investigating"', '"working"',
            "values.state.“In progress”: “working” is none of new, acknowledged, investigating, on_hold, mitigated, resolved, "
            "closed, cancelled",
        ),
        ('severity = "SEV4"', 'severity = "4"', "defaults.severity: “4” is none of SEV1, SEV2, SEV3, SEV4"),
        ('"Africa/Nairobi"', '"Africa/Nowhere"', "zone: “Africa/Nowhere” is not an IANA time zone, such as Africa/Nairobi"),
        ("%d.%m.%Y", "%d.%m", "date_format: “iso”, or a form such as “%d.%m.%Y %H:%M” with year, month and day"),
        ("details =", "detials =", "detials: no such setting; did you mean “details”?"),
        ('delimiter = ";"', 'delimiter = ";;"', "delimiter: one character"),
        ("services = true", 'services = "yes"', "create.services: true or false"),
        ('zone = "Africa/Nairobi"', "zone = 3", "zone: must be a text"),
        ("[defaults]", '[defaults]\nopened_at = "x"', "defaults.opened_at: a key or a time can't be the same for all rows"),
    ],
)  # fmt: skip
def test_a_mapping_that_is_wrong_is_refused_before_a_row_is_read(
    home: Path, old: str, new: str, mistake: str
):
    assert old in MAPPING
    assert refused(home, mapping=MAPPING.replace(old, new, 1))[1:] == [f"  {mistake}"]
    assert ImportRun.objects.count() == 0


def test_all_mistakes_of_a_mapping_are_told_at_once(home: Path):
    mapping = MAPPING.replace('"Subject"', '"A"').replace('"System"', '"B"')
    assert refused(home, mapping=mapping) == [
        "The mapping doesn't fit the file:",
        "  columns.title: the file has no column “A”",
        "  columns.service: the file has no column “B”",
    ]


def test_a_mapping_that_is_no_mapping_is_refused(home: Path):
    assert refused(home, mapping="= 1")[0].startswith("The mapping map.toml is not TOML: ")
    assert refused(home, mapping="[1", name="map.json")[0].startswith("The mapping map.json is not JSON: ")
    assert refused(home, mapping="[1]", name="map.json") == [
        "The mapping map.json must be a table of settings."
    ]


BAD = FILE.replace("T-1;", ";", 1)


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("name", ["list.csv", "map.toml", "again.csv", "notes.txt", "blank.txt"])
def test_rejected_rows_are_not_written_over_what_is_no_file_of_theirs(home: Path, name: str, dry_run: bool):
    (home / "again.csv").symlink_to(home / "list.csv")
    (home / "notes.txt").write_text("line,reason\n")
    (home / "blank.txt").write_text("\nnotes\n")
    where = home / name
    what = "holds no rejected rows" if name.endswith("txt") else "is read by this import"
    said = refused(home, BAD, rejects=where, dry_run=dry_run)
    assert (len(said), what in said[0]) == (1, True)
    kept = {"map.toml": MAPPING, "notes.txt": "line,reason\n", "blank.txt": "\nnotes\n"}
    assert where.read_text(encoding="utf-8") == kept.get(name, BAD)
    assert ImportRun.objects.count() == 0


def test_an_earlier_file_of_rejected_rows_and_an_empty_one_are_written_over(home: Path):
    where = home / "rows.csv"
    where.touch()
    run(home, BAD, rejects=where)
    run(home, FILE.replace("T-2;", ";", 1), rejects=where)
    assert where.read_text(encoding="utf-8").splitlines()[0] == "line,reason,row as it was read"
    assert where.read_text(encoding="utf-8").splitlines()[1].startswith("3,key is empty,")


def test_rejected_rows_may_go_nowhere(home: Path):
    assert run(home, BAD, rejects=Path("/dev/null"))[-1] == "All of them stand in /dev/null."


def test_a_name_that_is_no_account_owns_nothing(home: Path):
    run(home)
    assert by_key("T-1").owner is None
