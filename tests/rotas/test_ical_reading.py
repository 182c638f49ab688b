"""Calendars of other programs: what is read, and what is refused with one sentence."""

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import Invalid
from rotas.domain.ical_reading import MOST_BYTES, read_events

START = datetime(2026, 3, 1, tzinfo=UTC)
END = datetime(2027, 3, 1, tzinfo=UTC)


def calendar(*events: str, head: str = "") -> bytes:
    inner = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//T//T//EN\n{head}{inner}END:VCALENDAR\n".replace(
        "\n", "\r\n"
    ).encode()


def read(*events: str, zone: str = "Europe/Madrid", head: str = ""):
    return read_events(calendar(*events, head=head), zone=zone, start=START, end=END)


def spans(found) -> list[tuple[str, str]]:
    return [(f"{each.start:%m-%d %H:%M}", f"{each.end:%m-%d %H:%M}") for each in found]


def test_whole_days_are_days_of_the_person_s_zone():
    event = "UID:a\nDTSTART;VALUE=DATE:20260328\nDTEND;VALUE=DATE:20260331\nSUMMARY:Away"
    # the clocks of Madrid go forward on the 29th
    assert spans(read(event)) == [("03-27 23:00", "03-30 22:00")]
    assert spans(read(event, zone="Asia/Kathmandu")) == [("03-27 18:15", "03-30 18:15")]


def test_times_are_those_of_their_own_zone_or_the_person_s():
    found = read(
        "UID:a\nDTSTART:20260401T080000Z\nDTEND:20260401T100000Z",
        "UID:b\nDTSTART;TZID=America/Bogota:20260402T080000\nDURATION:PT2H",
        "UID:c\nDTSTART:20260403T080000\nDTEND:20260403T100000",
    )
    assert spans(found) == [
        ("04-01 08:00", "04-01 10:00"),
        ("04-02 13:00", "04-02 15:00"),
        ("04-03 06:00", "04-03 08:00"),
    ]


ODD_ZONE = """BEGIN:VTIMEZONE
TZID:Office Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def test_a_zone_that_the_calendar_brings_along_is_used():
    event = "UID:{}\nDTSTART;TZID=Office Time:2026{}T080000\nDURATION:PT1H"
    found = read(event.format("a", "0328"), event.format("b", "0330"), head=ODD_ZONE)
    assert spans(found) == [("03-28 07:00", "03-28 08:00"), ("03-30 06:00", "03-30 07:00")]


def test_a_zone_of_one_calendar_is_no_other_s():
    event = "UID:a\nDTSTART;TZID=Office Time:20260328T080000\nDURATION:PT1H"
    assert spans(read(event, head=ODD_ZONE)) == [("03-28 07:00", "03-28 08:00")]
    eastern = ODD_ZONE.replace("+02", "+06").replace("+01", "+05")
    assert spans(read(event, head=eastern)) == [("03-28 03:00", "03-28 04:00")]
    # one that nobody explains is the person's own
    assert spans(read(event, zone="UTC")) == [("03-28 08:00", "03-28 09:00")]


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"])
def test_a_zone_whose_clock_never_rests_is_refused(rule):
    head = ODD_ZONE.replace("FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", rule)
    with pytest.raises(Invalid, match="time zone"):
        read("UID:a\nDTSTART;TZID=Office Time:20260401T080000\nDURATION:PT1H", head=head)


def test_a_byte_order_mark_is_passed_over():
    (found,) = read_events(b"\xef\xbb\xbf" + calendar(GOOD), zone="UTC", start=START, end=END)
    assert found.uid == "a"


def test_lines_that_say_nothing_of_when_are_passed_over():
    event = "UID:a\nDTSTART:20260401T080000Z\nDURATION:PT1H\nDESCRIPTION:one\n  two\nSUMMARY:Aw\n ay\nX-A:1"
    assert [each.summary for each in read(event)] == ["Away"]


def test_repeated_events_are_counted_one_by_one_with_exceptions_and_moves():
    event = "UID:w\nDTSTART;TZID=Europe/Madrid:20260323T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=4\n"
    moved = "UID:w\nRECURRENCE-ID;TZID=Europe/Madrid:20260406T090000\nDTSTART;TZID=Europe/Madrid:20260407T120000\nDURATION:PT1H"
    before = read(event)
    # the clock of Madrid stays at nine over the change
    assert spans(before) == [
        ("03-23 08:00", "03-23 09:00"),
        ("03-30 07:00", "03-30 08:00"),
        ("04-06 07:00", "04-06 08:00"),
        ("04-13 07:00", "04-13 08:00"),
    ]
    after = read(event + "EXDATE;TZID=Europe/Madrid:20260330T090000", moved)
    assert spans(after) == [
        ("03-23 08:00", "03-23 09:00"),
        ("04-07 10:00", "04-07 11:00"),
        ("04-13 07:00", "04-13 08:00"),
    ]
    # the one that moved is known again
    assert [each.uid for each in after] == [before[0].uid, before[2].uid, before[3].uid]
    assert len({each.uid for each in before}) == 4


def test_names_fit_and_attendees_are_read():
    (found,) = read(
        f"UID:{'u' * 400}\nDTSTART:20260401T080000Z\nDTEND:20260401T100000Z\nSUMMARY:  Long\n"
        "ATTENDEE;CN=Amina:MAILTO:Amina@Example.com\nATTENDEE:mailto:brian@example.com\nATTENDEE:urn:x"
    )
    assert len(found.uid) <= 255
    assert found.emails == ("amina@example.com", "brian@example.com")


def test_cancelled_and_empty_ones_are_none_and_others_are_within_the_window():
    assert (
        read(
            "UID:a\nSTATUS:CANCELLED\nDTSTART:20260401T080000Z\nDTEND:20260401T100000Z",
            "UID:b\nDTSTART:20260401T080000Z\nDTEND:20260401T080000Z",
            "UID:c\nDTSTART:20250401T080000Z\nDTEND:20250401T100000Z",
        )
        == []
    )


GOOD = "UID:a\nDTSTART:20260401T080000Z\nDTEND:20260401T100000Z"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (b"%PDF-1.7", "no calendar"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "no events"),
        (calendar(GOOD) + b" " * MOST_BYTES, "bigger than 5 MB"),
        (calendar(*[GOOD] * 5001), "more than 5,000"),
        (calendar(GOOD)[:-40], "can't be read"),
        (b"\xff\xfe" + calendar(GOOD), "can't be read"),
        (calendar("UID:a\nDTSTART:20269901T080000Z\nDTEND:20260401T100000Z"), "can't be read"),
        (calendar(f"{GOOD}\nRRULE:FREQ=SECONDLY"), "isn't supported"),
        (calendar(f"{GOOD}\nRRULE:FREQ=NONSENSE"), "can't be read"),
        (calendar(f"{GOOD}\nRRULE:nonsense"), "can't be read"),
        (calendar(f"{GOOD}\nEXDATE:nonsense"), "can't be read"),
        (calendar(GOOD, GOOD.replace("20260401T08", "202604")), "can't be read"),
        (calendar(GOOD).replace(b"END:VCALENDAR\r\n", b""), "can't be read"),
        (calendar(f"{GOOD}\nRRULE:FREQ=HOURLY"), "isn't supported"),
        (calendar(f"{GOOD}\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "isn't supported"),
        (calendar(f"{GOOD}\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"), "isn't supported"),
        (calendar(f"{GOOD}\nRRULE:FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=1,2"), "isn't supported"),
        (calendar(f"{GOOD}\nRRULE:FREQ=MONTHLY;BYDAY=9MO"), "isn't supported"),
        (calendar("UID:a\nDTSTART:00010101T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY"), "isn't supported"),
        (calendar(*[f"{GOOD}\nRRULE:FREQ=DAILY"] * 4000), "more than 5,000"),
        (calendar(f"{GOOD}\nRDATE:" + ",".join(["20260401T080000Z"] * 200_000)), "more than 5,000"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + b"BEGIN:X\r\n" * 50_000, "can't be read"),
        (calendar(GOOD + "\nATTENDEE:mailto:a@b.c" * 100_001), "too long"),
        (
            calendar(*[GOOD.replace("UID:a", f"UID:{n}") + "\nRRULE:FREQ=DAILY" for n in range(100)]),
            "more than 5,000",
        ),
    ],
    ids=range(26),
)
def test_what_can_t_be_read_is_said_in_one_sentence(text, words):
    with pytest.raises(Invalid, match=words) as refused:
        read_events(text, zone="UTC", start=START, end=END)
    assert "\n" not in refused.value.message and set(refused.value.fields) == {"file"}


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY;BYDAY=MO,FR",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=DAILY;INTERVAL=3;UNTIL=20260601T000000Z",
    ],
)
def test_rules_that_calendars_really_write_are_read(rule):
    assert read("UID:a\nDTSTART:20260331T080000Z\nDURATION:PT1H\nRRULE:" + rule)


def test_a_rule_that_began_long_ago_is_read_within_the_window():
    found = read("UID:a\nDTSTART;VALUE=DATE:20100101\nRRULE:FREQ=YEARLY")
    assert spans(found) == [("12-31 23:00", "01-01 23:00")]
    assert found[0].end - found[0].start == timedelta(days=1)
