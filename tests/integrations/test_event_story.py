"""All updates of one incident of an event log become its history."""

from datetime import UTC, datetime

import pytest

from incidents.choices import EntryKind, Resolution, State
from incidents.domain.severity import DEFAULT_MATRIX
from integrations.sources.event_log import DATE_FORMAT
from integrations.sources.event_story import EventLog, Terms
from integrations.sources.values import moments
from integrations.types import Found, Named, Rejected, Row
from services.choices import Party
from tests.integrations.log import LONG, OPEN, SHORT, row

LATEST = datetime(2026, 1, 1, tzinfo=UTC)
TERMS = Terms("ServiceNow", "Imported", Party.L2, DEFAULT_MATRIX, moments(DATE_FORMAT, "UTC", LATEST))


def at(hour: int, minute: int = 0, day: int = 1) -> datetime:
    return datetime(2025, 6, day, hour, minute, tzinfo=UTC)


def found(rows: list[dict[str, str]]) -> Found:
    return EventLog(TERMS).found([Row(line, cells) for line, cells in enumerate(rows, start=2)])


def lines(rows: list[dict[str, str]]) -> list[tuple[str, datetime, str]]:
    return [(line.kind, line.at, line.text) for line in found(rows).past.lines]


def test_the_timeline_tells_every_change_in_its_order():
    assert lines(LONG) == [
        (EntryKind.OPENED, at(8), "Incident opened as SEV3 in ServiceNow, number A1"),
        (EntryKind.PARTY, at(8, 20), "Agent 3 handed it on to Group 70"),
        (EntryKind.STATE, at(8, 20), "Agent 3 investigates"),
        (EntryKind.PARTY, at(9), "Agent 5 handed it on to Group 71"),
        (EntryKind.OWNER, at(9), "Agent 5 gave it to Agent 9"),
        (EntryKind.SEVERITY, at(9), "Agent 5 made it SEV2, before SEV3"),
        (EntryKind.STATE, at(10), "On hold, waits for Client: Awaiting User Info"),
        (EntryKind.STATE, at(11), "Agent 9 resolved it"),
        (EntryKind.STATE, at(12), "Reopened it"),
        (EntryKind.STATE, at(12, 30), "Agent 9 resolved it"),
        (EntryKind.STATE, at(9, 0, 3), "Closed"),
    ]


def test_who_held_the_work_is_known_to_the_minute():
    held = [(each.party, each.team, each.starts_at, each.ends_at) for each in found(LONG).past.parties]
    assert held == [
        (Party.L1, "", at(8), at(8, 20)),
        (Party.L2, "imported-group-70", at(8, 20), at(9)),
        (Party.L2, "imported-group-71", at(9), at(10)),
        (Party.CLIENT, "", at(10), at(11)),
        (Party.L2, "imported-group-71", at(12), at(12, 30)),
    ]


def test_the_record_holds_the_last_of_everything():
    past = found(LONG).past
    assert (past.state, past.severity, past.impact, past.urgency) == (
        State.CLOSED,
        "SEV2",
        "medium",
        "medium",
    )
    assert past.severity_reason == "As in ServiceNow"
    assert (past.opened_at, past.acknowledged_at, past.resolved_at, past.closed_at) == (
        at(8), at(8, 20), at(12, 30), at(9, 0, 3),
    )  # fmt: skip
    assert (past.resolution, past.resolution_note) == (Resolution.NOT_RECORDED, "Closed code 6")
    assert past.reopened_count == 1
    assert past.title == "Category 7, subcategory 21, symptom 4"
    assert past.summary == "Number A1 in ServiceNow\nCaller: 88\nClosed code: 6"
    assert past.service == "imported-category-7"


def test_the_first_line_keeps_what_else_the_log_says():
    data = found(LONG).past.lines[0].data
    assert data["log"] == {"caller_id": "88", "closed_code": "6", "subcategory": "21", "u_symptom": "4"}
    assert (data["system"], data["number"]) == ("ServiceNow", "A1")


def test_an_unknown_time_stays_unknown():
    past = found(SHORT).past
    assert (past.state, past.resolved_at, past.closed_at) == (State.CLOSED, None, at(10, 0, 6))


@pytest.mark.parametrize(
    ("resolved", "closed", "known", "left_out"),
    [
        ("1/6/2025 07:59", "1/6/2025 12:00", (None, at(12)), {"resolved_at": "1/6/2025 07:59"}),
        ("1/6/2025 11:00", "31/5/2025 12:00", (at(11), None), {"closed_at": "31/5/2025 12:00"}),
        ("1/6/2025 11:00", "1/6/2025 10:59", (at(11), None), {"closed_at": "1/6/2025 10:59"}),
        (
            "1/6/2025 07:00",
            "1/6/2025 07:30",
            (None, None),
            {"resolved_at": "1/6/2025 07:00", "closed_at": "1/6/2025 07:30"},
        ),
        ("1/6/2025 08:00", "1/6/2025 08:00", (at(8), at(8)), {}),
    ],
)
def test_an_end_before_what_it_follows_is_not_known(
    resolved: str, closed: str, known: tuple[datetime | None, ...], left_out: dict[str, str]
):
    past = found([row("A", "Closed", "1/6/2025 13:00", 0, resolved_at=resolved, closed_at=closed)]).past
    assert (past.state, past.resolved_at, past.closed_at) == (State.CLOSED, *known)
    assert past.lines[0].data["log"] == left_out
    assert [line.at for line in past.lines] == [at(8), at(13)]


def test_an_open_incident_has_its_last_holder_and_no_end():
    past = found(OPEN).past
    assert (past.state, past.hold_party, past.hold_reason) == (
        State.ON_HOLD,
        Party.PARTNER,
        "Awaiting Vendor",
    )
    assert (past.parties[-1].party, past.parties[-1].ends_at) == (Party.PARTNER, None)
    assert (past.resolution, past.resolved_at, past.closed_at) == (None, None, None)
    assert found(OPEN).service == Named("imported-category-unknown", "Category not known")


@pytest.mark.parametrize(
    ("said", "waits_for"),
    [
        ("Awaiting User Info", Party.CLIENT),
        ("Awaiting Evidence", Party.CLIENT),
        ("Awaiting Vendor", Party.PARTNER),
        ("Awaiting Problem", Party.ENGINEERING),
    ],
)
def test_each_wait_names_whom_it_waits_for(said: str, waits_for: Party):
    past = found([row("A", said, "1/6/2025 09:00", 0)]).past
    assert (past.state, past.hold_party) == (State.ON_HOLD, waits_for)


def test_a_question_mark_is_no_change():
    rows = [
        row("A", "Active", "1/6/2025 09:00", 0, assignment_group=70, assigned_to=4),
        row("A", "Active", "1/6/2025 10:00", 1),
        row("A", "Active", "1/6/2025 11:00", 2, assignment_group=70, assigned_to=4),
    ]
    assert [line[0] for line in lines(rows)] == [EntryKind.OPENED, EntryKind.OWNER, EntryKind.STATE]


def test_rows_are_ordered_by_the_count_of_updates():
    assert found(LONG[::-1]) == found(LONG)


def test_where_counts_and_times_contradict_each_other_the_file_decides():
    rows = [
        row("A", "Active", "1/6/2025 09:00", 7),
        row("A", "Resolved", "1/6/2025 10:00", 1),
        row("A", "Closed", "1/6/2025 11:00", 7),
    ]
    assert [line[2] for line in lines(rows)[1:]] == ["Being investigated", "Resolved", "Closed"]


def test_what_is_told_of_a_time_before_the_opening_happened_at_the_opening():
    past = found([row("A", "Active", "1/6/2025 07:00", 0)]).past
    assert (past.acknowledged_at, past.parties[0].starts_at) == (at(8), at(8))


def test_a_reopening_that_only_the_count_tells_has_a_line():
    rows = [row("A", "Active", "1/6/2025 09:00", 0), row("A", "Active", "1/6/2025 10:00", 1, reopen_count=2)]
    assert lines(rows)[-1] == (EntryKind.STATE, at(10), "Reopened it")
    assert found(rows).past.reopened_count == 2


def test_a_reopening_into_a_wait_is_counted_on_one_line_only():
    rows = [
        row("A", "Resolved", "1/6/2025 09:00", 0),
        row("A", "Awaiting User Info", "1/6/2025 10:00", 1, reopen_count=1),
    ]
    assert [(line.text, line.data.get("reopened")) for line in found(rows).past.lines[2:]] == [
        ("Reopened it", 1),
        ("On hold, waits for Client: Awaiting User Info", None),
    ]


def test_another_category_is_another_service_and_a_line():
    rows = [row("A", "Active", "1/6/2025 09:00", 0), row("A", "Active", "1/6/2025 10:00", 1, category=9)]
    assert lines(rows)[-1] == (EntryKind.EDIT, at(10), "Moved it from Category 7 to Category 9")
    assert found(rows).service.slug == "imported-category-9"


def test_closing_what_nobody_worked_on_acknowledges_nothing():
    rows = [row("A", "New", "1/6/2025 09:00", 0), row("A", "Closed", "1/6/2025 10:00", 1)]
    assert found(rows).past.acknowledged_at is None


def test_without_a_priority_the_matrix_judges_and_without_that_nobody():
    assert found([row("A", "New", "1/6/2025 09:00", 0, priority="?", impact=1)]).past.severity == "SEV2"
    with pytest.raises(Rejected) as refused:
        found([row("A", "New", "1/6/2025 09:00", 0, priority="?", impact="?")])
    assert str(refused.value) == "no row of it has a priority, or impact and urgency"


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"incident_state": "-100"}, "incident_state is “-100”, which is no state of an incident"),
        ({"number": "?"}, "it has no number, or one of more than 100 characters"),
        ({"opened_at": "?"}, "opened_at is not known"),
        ({"opened_at": "31/2/2025 08:00"}, "opened_at: “31/2/2025 08:00” is not a time"),
        ({"sys_updated_at": "2025-06-01"}, "sys_updated_at: “2025-06-01” is not a time"),
        ({"closed_at": "1/1/1950 00:00"}, "closed_at: “1/1/1950 00:00” lies before 1970"),
        ({"resolved_at": "1/1/2031 00:00"}, "resolved_at: “1/1/2031 00:00” lies in the future"),
        ({"priority": "5"}, "priority is “5”, not 1 to 4"),
        ({"impact": "²"}, "impact is “²”, not 1 to 3"),
        ({"reopen_count": "-1"}, "reopen_count is “-1”, not a number from 0 to 32767"),
        ({"sys_mod_count": "many"}, "sys_mod_count is “many”, not a number from 0 to 1000000000"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(cells: dict[str, str], reason: str):
    with pytest.raises(Rejected) as refused:
        EventLog(TERMS).key(Row(2, {**row("A", "New", "1/6/2025 09:00", 0), **cells}))
    assert str(refused.value) == reason


def test_the_long_words_of_the_original_are_understood():
    cells = {
        "priority": "2 - High",
        "impact": "1 - High",
        "category": "Category 55",
        "assignment_group": "Group 70",
    }
    past = found([row("A", "New", "1/6/2025 09:00", 0, **cells)])
    assert (past.past.severity, past.past.impact) == ("SEV2", "high")
    assert (past.service.name, past.teams[0].name) == ("Category 55", "Group 70")
