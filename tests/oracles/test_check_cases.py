"""`manage.py check_cases` says what failed, counts, and ends with the right status."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from config.cases import run
from config.management.commands.check_cases import Command

ALWAYS = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
DUE = {
    "id": "A",
    "kind": "due",
    "mode": "business_time",
    "timezone": "UTC",
    "weekly_hours": ALWAYS,
    "holidays": [],
    "pauses": [],
    "start_utc": "2026-01-05T10:00:00Z",
    "target_seconds": 60,
    "expected_due_utc": "2026-01-05T10:01:00Z",
}


def check(tmp_path, kind, content):
    path = tmp_path / "cases.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    out = StringIO()
    try:
        call_command(Command(), kind, str(path), stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


def test_all_rows_right_ends_well_and_says_how_many(tmp_path):
    assert check(tmp_path, "sla", [DUE]) == (0, ["1 passed, 0 failed"])


def test_a_wrong_row_is_printed_with_expected_and_got(tmp_path):
    wrong = {**DUE, "id": "B", "expected_due_utc": "2026-01-05T10:02:00Z"}
    assert check(tmp_path, "sla", [DUE, wrong]) == (
        1,
        [
            "B: expected 2026-01-05T10:02:00+00:00, got 2026-01-05T10:01:00+00:00",
            "1 passed, 1 failed",
        ],
    )


def test_a_row_that_cannot_be_read_fails_and_the_others_go_on(tmp_path):
    broken = {**DUE, "id": "C", "timezone": "Mars/Olympus"}
    assert check(tmp_path, "sla", [broken, DUE]) == (
        1,
        [
            "C: expected an answer, got UnknownZone: 'Mars/Olympus' is not an IANA time zone.",
            "1 passed, 1 failed",
        ],
    )


def test_drift_cases_all_fail_because_there_is_no_engine_for_them_yet(tmp_path):
    assert check(tmp_path, "drift", [{"id": "D", "expected": 0.5}]) == (
        1,
        ["D: expected 0.5, got no statistics engine yet", "0 passed, 1 failed"],
    )


def test_a_file_that_is_no_list_of_cases_is_refused(tmp_path):
    for content in ("{", "[1]", '{"rows": []}'):
        with pytest.raises(CommandError):
            check(tmp_path, "sla", content)


def test_a_missing_file_is_refused():
    with pytest.raises(CommandError):
        call_command(Command(), "sla", "/nonexistent/cases.json")


def test_it_runs_without_system_checks():
    assert Command.requires_system_checks == []


def test_the_exact_answer_stands_above_the_rounded_one_of_a_peer():
    row = {**DUE, "expected_due_utc": "2026-01-05T10:02:00Z", "exact_due_utc": "2026-01-05T10:01:00Z"}
    assert [outcome.passed for outcome in run("sla", [row])] == [True]


def test_a_frame_past_midnight_is_read_as_two():
    row = {**DUE, "weekly_hours": {"mon": [["22:00", "06:00"]]}, "target_seconds": 3 * 3600}
    row["expected_due_utc"] = "2026-01-06T01:00:00Z"
    assert [outcome.passed for outcome in run("sla", [row])] == [True]
