"""Shifts as a calendar: what is written is what a calendar program reads."""

from datetime import UTC, datetime, timedelta

import pytest
import recurring_ical_events
from hypothesis import given
from icalendar import Calendar

from rotas.domain import ical
from rotas.domain.coverage import coverage
from tests.make import NOW
from tests.rotas.rotas_for_tests import PROPERTY, rotas

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
HOST = "ops.example"


def duty(start, end, person=1, **fields) -> ical.Duty:
    values = {
        "rota": "l1",
        "title": "On call: L1",
        "detail": "Layer Day.",
        "url": "https://ops.example/rotas/l1/",
        "changed_at": NOW,
        **fields,
    }
    return ical.Duty(person=person, start=start, end=end, **values)


def read(text: bytes, start, end) -> list[tuple[datetime, datetime, int]]:
    """Who is on from when to when, as a calendar program sees it."""
    events = recurring_ical_events.of(Calendar.from_ical(text)).between(start, end)
    return sorted(
        (event.start, event.end, int(event["UID"].split("@")[0].split("-")[-1])) for event in events
    )


@PROPERTY
@given(rotas())
def test_the_calendar_of_a_rota_is_its_final_schedule(made):
    near, layers, overrides = made
    start, end = near - 6 * DAY, near + 6 * DAY
    shifts = coverage(layers, overrides, start, end)
    duties = [duty(shift.start, shift.end, person) for shift in shifts for person in shift.people]
    expected = sorted((shift.start, shift.end, person) for shift in shifts for person in shift.people)
    assert read(ical.write("L1", duties, HOST), start - DAY, end + DAY) == expected


@pytest.mark.parametrize(
    ("zone_day", "before", "after"),
    [
        # clocks of Madrid go forward, of Chicago back, of Lord Howe by half an hour
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), 1, 9),
        (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), 2, 7),
        (datetime(2026, 4, 4, 14, 45, tzinfo=UTC), 3, 5),
    ],
)
def test_nights_on_which_clocks_change_keep_their_instants(zone_day, before, after):
    shift = (zone_day - before * HOUR, zone_day + after * HOUR)
    text = ical.write("L1", [duty(*shift)], HOST)
    assert read(text, zone_day - DAY, zone_day + DAY) == [(*shift, 1)]
    assert b"VALUE=DATE" not in text and b"TZID" not in text


def test_the_calendar_says_who_it_is_and_how_often_to_read_it():
    text = ical.write("L1 follow-the-sun", [duty(NOW, NOW + HOUR)], HOST).decode()
    for line in (
        "VERSION:2.0",
        "NAME:L1 follow-the-sun",
        "X-WR-CALNAME:L1 follow-the-sun",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "DTSTART:20260304T080000Z",
        "DTEND:20260304T090000Z",
        "DTSTAMP:20260304T080000Z",
        "LAST-MODIFIED:20260304T080000Z",
        "UID:l1-20260304T080000Z-1@ops.example",
        "SUMMARY:On call: L1",
        "URL:https://ops.example/rotas/l1/",
    ):
        assert line in text.split("\r\n")


def test_what_people_write_breaks_no_line():
    hostile = "Ops; \\n, BEGIN:VEVENT\r\nUID:x " + "é" * 200
    text = ical.write(hostile, [duty(NOW, NOW + HOUR, title=hostile, detail=hostile)], HOST)
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert event["UID"] == "l1-20260304T080000Z-1@ops.example"


def test_the_same_duties_are_the_same_text_and_the_mark_tells_others_apart():
    duties = [duty(NOW, NOW + HOUR), duty(NOW, NOW + HOUR, person=2)]
    assert ical.write("L1", duties, HOST) == ical.write("L1", list(duties), HOST)
    marks = {
        ical.tag_of("L1", duties, HOST),
        ical.tag_of("L1", duties[:1], HOST),
        ical.tag_of("L2", duties, HOST),
        ical.tag_of("L1", [duty(NOW, NOW + HOUR, detail="Other.")], HOST),
    }
    assert len(marks) == 4


def test_a_shift_of_less_than_a_second_is_no_event():
    assert b"VEVENT" not in ical.write("L1", [duty(NOW, NOW + timedelta(milliseconds=300))], HOST)
