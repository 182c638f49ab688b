"""`manage.py import_event_log`: a file in, history out, and nobody is called."""

import csv
import gzip
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from pytest_django.asserts import assertContains

from accounts.models import AuditEntry, Team, User
from core.types import person as acting
from incidents.choices import OPEN_STATES
from incidents.domain import clocks, lifecycle, storms
from incidents.domain import intake as incident_intake
from incidents.models import Clock, Entry, Incident, PartyInterval
from incidents.queries.board import as_rows, grouped
from incidents.queries.lists import rows_visible_to, searched
from incidents.queries.standing import standing
from integrations.domain import importing
from integrations.models import ExternalRef, ImportRun
from notifications.models import Message
from rotas.domain import escalation
from rotas.models import EscalationRun
from services.models import Client, Service
from tests import make
from tests.integrations.log import LONG, OPEN, SHORT, row, text, write

pytestmark = pytest.mark.django_db
ALL = [*LONG, *SHORT, *OPEN]


def run(path: Path, **options) -> str:
    out = StringIO()
    call_command("import_event_log", str(path), stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def refused(path: Path, **options) -> str:
    with pytest.raises(CommandError) as error:
        run(path, **options)
    return str(error.value)


@pytest.fixture
def home(settings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path / "home"
    return tmp_path


@pytest.fixture
def log(home: Path) -> Path:
    return write(home / "log.csv.gz", ALL)


def everything() -> dict[str, list]:
    kinds = (Incident, Entry, PartyInterval, ExternalRef, Service, Team, Client)
    return {kind.__name__: list(kind.objects.order_by("pk").values()) for kind in kinds}


def by_number(number: str) -> Incident:
    return Incident.objects.get(pk=ExternalRef.objects.get(system="ServiceNow", key=number).incident_id)


def test_every_incident_of_the_log_is_here_with_its_history(log: Path):
    said = run(log)
    assert said.splitlines()[:2] == [
        "12 rows read, 0 rejected.",
        "3 incidents taken over, 0 were here already.",
    ]
    incident = by_number("A1")
    assert (incident.state, incident.severity, incident.source) == ("closed", "SEV2", "import")
    assert (incident.entries.count(), incident.party_intervals.count(), incident.version) == (11, 5, 11)
    assert (incident.last_entry, incident.owner, incident.reporter) == ("Closed", None, None)
    assert incident.service.name == "Category 7"
    assert [each.team.name if each.team else "" for each in incident.party_intervals.all()] == [
        "", "Group 70", "Group 71", "", "Group 71",
    ]  # fmt: skip


def test_what_is_made_for_it_is_retired_and_stands_under_one_client(log: Path):
    run(log, client="Acme")
    assert list(Service.objects.order_by("slug").values_list("slug", "lifecycle", "client__name")) == [
        ("acme-category-7", "retired", "Acme"),
        ("acme-category-8", "retired", "Acme"),
        ("acme-category-unknown", "retired", "Acme"),
    ]
    assert list(Team.objects.order_by("slug").values_list("slug", "kind")) == [
        ("acme", "l2"), ("acme-group-70", "l2"), ("acme-group-71", "l2"),
    ]  # fmt: skip
    assert User.objects.count() == 0


def test_a_second_import_changes_nothing(log: Path):
    run(log)
    before = everything()
    assert run(log).splitlines()[1] == "0 incidents taken over, 3 were here already."
    assert everything() == before


def test_what_an_import_left_is_what_the_next_one_adds(home: Path):
    run(write(home / "part.csv", LONG))
    assert (
        run(write(home / "whole.csv", ALL)).splitlines()[1] == "2 incidents taken over, 1 were here already."
    )
    assert Incident.objects.count() == 3


def test_rows_of_an_incident_need_not_stand_together(home: Path):
    run(write(home / "mixed.csv", [*LONG[::2], *SHORT, *LONG[1::2], *OPEN]))
    incident = by_number("A1")
    assert list(incident.entries.values_list("text", flat=True))[-3:] == [
        "Reopened it",
        "Agent 9 resolved it",
        "Closed",
    ]
    assert incident.party_intervals.count() == 5


def test_nobody_is_called_and_nothing_is_counted(log: Path):
    on_duty = make.user()
    make.policy(on_duty)
    make.agreement(is_default=True)
    run(log)
    assert by_number("A3").state in OPEN_STATES
    now = Incident.objects.order_by("-last_entry_at").first().last_entry_at
    before = everything()
    for tick in (incident_intake.tick, clocks.tick, storms.tick, escalation.tick):
        tick(now)
    assert everything() == before
    assert [kind.objects.count() for kind in (Clock, EscalationRun, Message)] == [0, 0, 0]


def test_references_go_on_after_it(log: Path):
    run(log)
    newest = Incident.objects.order_by("-pk").first()
    assert make.incident().pk == newest.pk + 1


def test_it_is_found_by_its_number_and_by_its_words(log: Path):
    run(log)
    for words in ("A1", "subcategory 21", by_number("A1").ref, "imported"):
        assert by_number("A1") in searched(Incident.objects.all(), words)
    assert by_number("A1") not in searched(Incident.objects.all(), "A2")


def test_the_page_of_an_imported_incident_says_who_ended_it(log: Path, client):
    lead = make.user("lead", site=make.site(zone="UTC"))
    client.force_login(lead)
    run(log)
    incident = by_number("A1")
    assert standing(incident, lead, incident.closed_at) == "It is over: Somebody closed it at 09:00 UTC."
    page = client.get(f"/incidents/{incident.ref}/")
    assertContains(page, "It was taken over from another system, so no promise is counted here.", 1)
    assertContains(page, "Agent 9 gave it to", 0)
    assertContains(page, "gave it to Agent 9", 1)


def test_a_list_tells_the_age_of_an_end_by_what_is_known_of_it(log: Path, client):
    client.force_login(make.user("lead", site=make.site(zone="UTC")))
    run(log)
    page = client.get("/incidents/?view=resolved")
    for end in ("2025-06-01T12:30:00Z", "2025-06-06T10:00:00Z"):
        assertContains(page, f'<time datetime="{end}"', 1)


def test_open_ones_stand_on_the_board_after_what_has_a_promise(log: Path):
    reader = make.user()
    run(log)
    now = by_number("A3").last_entry_at
    groups = grouped(as_rows(rows_visible_to(reader).filter(state__in=OPEN_STATES), reader, now, "UTC"))
    assert [(group.label, [each.waits_for for each in group.rows]) for group in groups] == [
        ("Waiting on others", ["Partner"])
    ]


def test_an_imported_incident_goes_on_by_the_same_verbs(log: Path):
    run(log)
    person = make.user()
    incident = lifecycle.resolve(
        by_number("A3"), actor=acting(person), now=make.NOW, resolution="fixed", note="Replaced."
    )
    assert (incident.state, incident.party_intervals.filter(ends_at=None).count()) == ("resolved", 0)


def test_rejected_rows_go_to_a_file_with_the_reason(home: Path):
    bad = [
        row("A1", "-100", "1/6/2025 09:30", 3),
        row("A4", "New", "31/2/2025 09:00", 0),
    ]
    path = home / "log.csv"
    path.write_text(text([*LONG, *bad]) + "A5,New\n\n" + "A6,\0\n")
    said = run(path)
    assert said.splitlines()[:2] == [
        "12 rows read, 4 rejected.",
        "1 incidents taken over, 0 were here already.",
    ]
    done = ImportRun.objects.get()
    with Path(done.rejects_path).open(encoding="utf-8", newline="") as handle:
        kept = [(line, reason, cells[0] if cells else "") for line, reason, *cells in csv.reader(handle)]
    assert kept == [
        ("line", "reason", "row as it was read"),
        ("10", "incident_state is “-100”, which is no state of an incident", "A1"),
        ("11", "sys_updated_at: “31/2/2025 09:00” is not a time", "A4"),
        ("12", "2 columns, not 36", "A5"),
        ("14", "it holds a NUL byte", ""),
    ]


def test_the_run_says_who_took_over_what(log: Path):
    lead = make.user("lead", email="lena@test.mainstay")
    run(log, by="Lena@test.mainstay")
    done = ImportRun.objects.get()
    assert (done.kind, done.system, done.state, done.by, done.file_name) == (
        "event_log", "ServiceNow", "done", "lena@test.mainstay", "log.csv.gz",
    )  # fmt: skip
    assert (done.rows_read, done.rows_rejected, done.incidents_made, done.incidents_known) == (12, 0, 3, 0)
    assert (len(done.digest), done.rejects_path, done.ended_at >= done.started_at) == (64, "", True)
    line = AuditEntry.objects.get(action="import.run")
    assert (line.actor_id, line.detail["made"], line.subject_id) == (lead.pk, 3, str(done.pk))


def test_a_dry_run_writes_nothing_and_says_what_would_be_made(log: Path):
    before = everything()
    said = run(log, dry_run=True).splitlines()
    assert said[1:4] == [
        "3 incidents would be taken over, 0 were here already.",
        "3 services would be made: imported-category-7, imported-category-8, imported-category-unknown.",
        "3 teams would be made: imported, imported-group-70, imported-group-71.",
    ]
    assert (everything(), ImportRun.objects.count()) == (before, 0)


def test_an_interrupted_import_keeps_whole_batches_and_goes_on(log: Path, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 1)
    whole, calls = importing.take_over, []

    def interrupted(*args, **kwargs):
        calls.append(1)
        made = whole(*args, **kwargs)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return made

    monkeypatch.setattr(importing, "take_over", interrupted)
    assert refused(log) == (
        "Interrupted. 1 incidents are taken over; start the same import again and it goes on from there."
    )
    assert (Incident.objects.count(), ExternalRef.objects.count()) == (1, 1)
    assert list(ImportRun.objects.values_list("state", "incidents_made")) == [("interrupted", 1)]
    monkeypatch.setattr(importing, "take_over", whole)
    assert run(log).splitlines()[1] == "2 incidents taken over, 1 were here already."


def test_a_run_whose_process_was_killed_is_told_as_interrupted(log: Path):
    ImportRun.objects.create(kind="csv", system="x", file_name="x.csv", by="x", started_at=make.NOW)
    run(log)
    assert sorted(ImportRun.objects.values_list("state", flat=True)) == ["done", "interrupted"]


def test_two_imports_at_once_refuse_each_other(log: Path):
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [importing._LOCK])
        assert refused(log) == "Another import is running. Start this one again once it has ended."
    finally:
        with other.cursor() as cursor:  # closed, it would only go back to the pool
            cursor.execute("SELECT pg_advisory_unlock_all()")
        other.close()
    assert Incident.objects.count() == 0


def test_a_service_of_somebody_else_is_not_written_to(log: Path, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 1)
    make.service(slug="imported-category-8", client=make.client_(name="Bank"))
    before = everything()
    assert refused(log) == (
        "A service imported-category-8 is here already and belongs to Bank, not to Imported. Choose another --client."
    )
    assert (everything(), ImportRun.objects.get().state) == (before, "failed")


@pytest.mark.parametrize("written", ["acme", "ACME", " Acme"])
def test_a_client_is_the_same_however_it_is_written(home: Path, written: str):
    run(write(home / "part.csv", SHORT), client="Acme")
    whole = write(home / "whole.csv", [*SHORT, row("A9", "New", "1/6/2025 09:00", 0, category=8)])
    assert run(whole, client=written).splitlines()[1] == "1 incidents taken over, 1 were here already."
    assert list(Client.objects.values_list("slug", "name")) == [("acme", "Acme")]


def test_a_client_with_a_slug_of_its_own_is_found_by_its_name(log: Path):
    make.client_(name="Acme", slug="acme-corp")
    run(log, client="acme")
    assert set(Service.objects.values_list("client__slug", flat=True)) == {"acme-corp"}


def test_a_batch_of_long_histories_is_a_shorter_one(log: Path, monkeypatch):
    monkeypatch.setattr(importing, "BATCH_ROWS", 4)
    whole, batches = importing.take_over, []

    def counted(pasts, **kwargs):
        batches.append(len(pasts))
        return whole(pasts, **kwargs)

    monkeypatch.setattr(importing, "take_over", counted)
    run(log)
    assert batches == [1, 2]


def test_its_limits_of_time_hold_again_afterwards(log: Path):
    def limit() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            return cursor.fetchone()[0]

    before = limit()
    run(log)
    assert limit() == before == "30s"


def hostile(home: Path, data: bytes, name: str = "log.csv") -> str:
    path = home / name
    path.write_bytes(data)
    before = everything()
    message = refused(path)
    assert everything() == before
    return message


GOOD = text(ALL).encode()


def test_what_is_no_log_is_refused_in_a_sentence(home: Path):
    assert hostile(home, b"") == "log.csv is empty."
    assert hostile(home, gzip.compress(b""), "log.csv.gz") == "The file is empty."
    assert hostile(home, GOOD, "log.csv.gz") == "log.csv.gz is named .gz but is not gzip."
    assert hostile(home, GOOD.decode().encode("utf-16")) == "log.csv is UTF-16. Save it as UTF-8."
    assert hostile(home, b"number,number\n") == "The first line names a column twice: number."
    assert refused(home) == f"{home} is a folder; name the file in it."
    assert refused(home / "none.csv") == f"{home / 'none.csv'} is not there, or is not a plain file."
    assert hostile(home, GOOD.replace(b"priority", b"prio", 1).replace(b"opened_at", b"opened", 1)) == (
        "This is no incident event log: it has no column opened_at, priority."
    )


def test_a_torn_file_leaves_nothing_behind(home: Path):
    torn = gzip.compress(GOOD)[:-20]
    assert hostile(home, torn, "log.csv.gz").startswith("The gzip file is torn after line ")


def test_another_encoding_is_named_with_its_line(home: Path):
    assert hostile(home, GOOD + "Zürich".encode("latin-1")) == (
        "Line 14 is not UTF-8 (byte 0xfc, 2 bytes into it). Save the file as UTF-8. Nothing was taken over."
    )


def test_a_byte_order_mark_is_no_part_of_a_name(home: Path):
    path = home / "log.csv"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD)
    assert run(path).splitlines()[1] == "3 incidents taken over, 0 were here already."


def test_an_endless_field_is_read_past(home: Path):
    path = home / "log.csv"
    path.write_bytes(GOOD + b"A9," + b"x" * 3_000_000 + b"\n" + b'A8,"' + b"y\n" * 100_000)
    said = run(path).splitlines()
    assert said[1] == "3 incidents taken over, 0 were here already."
    reasons = [each.partition(": ")[2] for each in said[-2].removeprefix("Rejected: ").split("; ")]
    assert reasons[0] == "the line is longer than 1024 KiB"
    assert reasons[1].startswith("a field is longer than 128 KiB (lines 15 to ")


def test_wrong_options_are_refused(log: Path):
    assert refused(log, zone="Mars/Base") == "Mars/Base is not an IANA time zone, such as Africa/Nairobi."
    assert refused(log, by="nobody@test.mainstay") == "Nobody active has the address nobody@test.mainstay."


def test_an_incident_of_absurdly_many_rows_is_rejected(home: Path, monkeypatch):
    monkeypatch.setattr(importing, "MOST_ROWS", 4)
    said = run(write(home / "log.csv", ALL)).splitlines()
    assert said[:2] == ["12 rows read, 8 rejected.", "2 incidents taken over, 0 were here already."]
