"""Business calendars of the database: frames, holidays, exceptions, stamping."""

import json
from datetime import UTC, date, datetime

import pytest

from core import calendars
from core.calendars import BusinessHours
from services.models import BusinessCalendar, CalendarException, CalendarFrame
from services.queries.hours import business_hours, from_json, read_frames, to_json
from tests import make

pytestmark = pytest.mark.django_db
HOUR = 3600
MON, TUE, SAT, SUN = 0, 1, 5, 6


def office(*frames: tuple[int, float, float], **fields) -> BusinessCalendar:
    """A calendar with frames of (weekday, opens, closes) in local hours."""
    made = make.calendar(**{"always_open": False, "zone": "America/Bogota", **fields})
    for weekday, opens, closes in frames:
        CalendarFrame.objects.create(calendar=made, weekday=weekday, opens=opens * 60, closes=closes * 60)
    return made


def differs(calendar: BusinessCalendar, day: date, *frame: float) -> None:
    opens, closes = (int(hour * 60) for hour in frame) if frame else (None, None)
    CalendarException.objects.create(calendar=calendar, date=day, opens=opens, closes=closes)


def hours_of(calendar: BusinessCalendar) -> BusinessHours:
    return business_hours(calendar, year_from=2025, year_to=2028)


def test_lunch_is_not_counted():
    calendar = office(*[(day, *frame) for day in range(5) for frame in [(8, 12), (13, 17)]])
    # Monday 11:00 in Bogotá; three hours on, lunch left out, it is 15:00
    start = datetime(2026, 3, 2, 16, tzinfo=UTC)
    assert calendars.add(hours_of(calendar), start, 3 * HOUR) == datetime(2026, 3, 2, 20, tzinfo=UTC)


def test_a_night_shift_is_two_frames_and_counts_through_midnight():
    calendar = office((MON, 22, 24), (TUE, 0, 6))
    hours = hours_of(calendar)
    start = datetime(2026, 3, 3, 3, tzinfo=UTC)  # Monday 22:00
    assert calendars.add(hours, start, 8 * HOUR) == datetime(2026, 3, 3, 11, tzinfo=UTC)
    assert [frame.length.total_seconds() for frame in calendars.open_intervals(
        hours, start, datetime(2026, 3, 4, tzinfo=UTC))] == [8 * HOUR]  # fmt: skip


def test_a_public_holiday_closes_its_local_date():
    calendar = office(*[(day, 8, 17) for day in range(5)], country="CO")
    friday_evening = datetime(2026, 3, 20, 22, tzinfo=UTC)
    # Monday 23 March 2026 is Saint Joseph's day in Colombia
    assert calendars.next_open(hours_of(calendar), friday_evening) == datetime(2026, 3, 24, 13, tzinfo=UTC)


def test_an_exception_wins_over_a_holiday():
    calendar = office(*[(day, 8, 17) for day in range(5)], country="CO")
    differs(calendar, date(2026, 3, 23), 10, 12)
    friday_evening = datetime(2026, 3, 20, 22, tzinfo=UTC)
    assert calendars.next_open(hours_of(calendar), friday_evening) == datetime(2026, 3, 23, 15, tzinfo=UTC)


def test_an_exception_closes_an_ordinary_day():
    calendar = office(*[(day, 8, 17) for day in range(5)])
    differs(calendar, date(2026, 3, 4))
    assert hours_of(calendar).frames_on(date(2026, 3, 4)) == ()
    assert hours_of(calendar).frames_on(date(2026, 3, 5)) == ((8 * HOUR, 17 * HOUR),)


def test_an_exception_opens_a_weekend():
    calendar = office((MON, 8, 17))
    differs(calendar, date(2026, 3, 7), 9, 11)
    assert hours_of(calendar).frames_on(date(2026, 3, 7)) == ((9 * HOUR, 11 * HOUR),)


def test_frames_that_overlap_count_once():
    calendar = office((MON, 8, 12), (MON, 11, 17))
    assert hours_of(calendar).weekly[MON] == ((8 * HOUR, 17 * HOUR),)


def test_holidays_differ_by_state():
    bavaria = office(
        *[(day, 8, 17) for day in range(5)], country="DE", subdivision="BY", zone="Europe/Berlin"
    )
    berlin = office(*[(day, 8, 17) for day in range(5)], country="DE", subdivision="BE", zone="Europe/Berlin")
    epiphany = date(2026, 1, 6)
    assert hours_of(bavaria).frames_on(epiphany) == ()
    assert hours_of(berlin).frames_on(epiphany) == ((8 * HOUR, 17 * HOUR),)


def test_only_the_years_asked_for_are_known():
    calendar = office(*[(day, 8, 17) for day in range(5)], country="KE")
    differs(calendar, date(2024, 3, 5))
    hours = business_hours(calendar, year_from=2026, year_to=2027)
    assert {day.year for day in hours.holidays} == {2026, 2027}
    assert hours.exceptions == ()


def test_a_holiday_on_a_closed_weekday_is_not_carried():
    calendar = office((SUN, 8, 12), country="KE")
    assert all(day.weekday() == SUN for day in hours_of(calendar).holidays)


def test_an_unknown_country_has_no_holidays_and_stops_nothing():
    calendar = office((MON, 8, 17), country="ZZ")
    assert hours_of(calendar).holidays == frozenset()


def test_around_the_clock_knows_neither_frames_nor_holidays():
    calendar = office((MON, 8, 17), country="CO", always_open=True)
    differs(calendar, date(2026, 3, 4))
    assert hours_of(calendar) == BusinessHours.always()


def test_what_is_stamped_reads_back_the_same():
    calendar = office(*[(day, *frame) for day in range(5) for frame in [(8, 12), (13, 17)]], country="NP")
    differs(calendar, date(2026, 3, 4))
    differs(calendar, date(2026, 3, 7), 9, 11)
    hours = hours_of(calendar)
    assert from_json(json.loads(json.dumps(to_json(hours)))) == hours


def test_a_stamp_is_small():
    around = to_json(hours_of(make.calendar()))
    nepal = to_json(hours_of(office(*[(day, 8, 17) for day in range(6)], country="NP")))
    assert around == {"always": True}
    assert from_json(around) == BusinessHours.always()
    assert len(json.dumps(nepal)) < 1_000


def test_frames_and_exceptions_are_read_along_in_one_query(django_assert_num_queries):
    night = office((TUE, 20, 24), (MON, 8, 12), (MON, 13, 17), country="CO")
    bare = office((SAT, 8, 12))
    differs(night, date(2026, 5, 5))
    differs(night, date(2026, 5, 4), 9, 10)
    differs(night, date(2026, 5, 4), 7, 8)
    plain = [hours_of(night), hours_of(bare)]
    again = list(BusinessCalendar.objects.filter(pk__in=[night.pk, bare.pk]).order_by("pk"))
    with django_assert_num_queries(1):
        read_frames(again)
    with django_assert_num_queries(0):
        read_frames([])
        assert [hours_of(each) for each in again] == plain
        frames = [(each.weekday, each.opens) for each in again[0].frames.all()]
        days = [(each.date.day, each.opens) for each in again[0].exceptions.all()]
    assert frames == [(MON, 8 * 60), (MON, 13 * 60), (TUE, 20 * 60)]
    assert days == [(4, 7 * 60), (4, 9 * 60), (5, None)]
    assert [list(again[1].exceptions.all()), again[1].frames.count()] == [[], 1]


def test_prefetched_calendars_ask_no_more(django_assert_num_queries):
    office((MON, 8, 17), country="CO")
    office((TUE, 8, 17))
    with django_assert_num_queries(3):
        for calendar in BusinessCalendar.objects.prefetch_related("frames", "exceptions"):
            hours_of(calendar)
