"""A calendar as people read it."""

from datetime import UTC, date, datetime

import pytest

from services.models import CalendarException, CalendarFrame
from services.queries.week import week_of
from tests import make

pytestmark = pytest.mark.django_db
WEDNESDAY_10_COT = datetime(2026, 3, 4, 15, tzinfo=UTC)


@pytest.fixture
def bogota():
    office = make.calendar(name="Bogotá office", always_open=False, zone="America/Bogota", country="CO")
    for weekday in range(5):
        CalendarFrame.objects.create(calendar=office, weekday=weekday, opens=480, closes=720)
        CalendarFrame.objects.create(calendar=office, weekday=weekday, opens=780, closes=1020)
    return office


def test_an_ordinary_week_in_words(bogota):
    week = week_of(bogota, WEDNESDAY_10_COT)
    assert (week.pattern, week.letters) == ("Mon–Fri 08:00–12:00 and 13:00–17:00", "COT")
    assert len(week.frames) == 10
    assert (week.frames[0].x, week.frames[0].width, week.frames[0].title) == (
        "4.762%",
        "2.381%",
        "Mon 08:00–12:00",
    )


def test_open_until_lunch(bogota):
    week = week_of(bogota, WEDNESDAY_10_COT)
    assert (week.is_open, week.changes_at) == (True, datetime(2026, 3, 4, 17, tzinfo=UTC))


def test_closed_over_a_long_weekend_opens_on_tuesday(bogota):
    week = week_of(bogota, datetime(2026, 3, 21, 15, tzinfo=UTC))
    assert (week.is_open, week.changes_at) == (False, datetime(2026, 3, 24, 13, tzinfo=UTC))


def test_holidays_and_exceptions_of_the_week_are_named(bogota):
    CalendarException.objects.create(calendar=bogota, date=date(2026, 3, 26), reason="Stocktaking")
    week = week_of(bogota, datetime(2026, 3, 25, 15, tzinfo=UTC))
    assert [(day.name, day.differs) for day in week.differing] == [
        ("Mon 23", "Saint Joseph's Day (observed)"),
        ("Thu 26", "Stocktaking"),
    ]


def test_the_week_begins_on_the_local_monday():
    kathmandu = make.calendar(always_open=False, zone="Asia/Kathmandu")
    week = week_of(kathmandu, datetime(2026, 3, 1, 18, 30, tzinfo=UTC))  # Monday 00:15 there
    assert [day.name for day in week.days if day.is_today] == ["Mon 2"]


def test_a_calendar_without_frames_says_that_it_never_opens():
    week = week_of(make.calendar(always_open=False), WEDNESDAY_10_COT)
    assert (week.is_open, week.changes_at, week.pattern) == (False, None, "never open in an ordinary week")


def test_all_day_every_day_by_frames_has_no_closing():
    calendar = make.calendar(always_open=False)
    for weekday in range(7):
        CalendarFrame.objects.create(calendar=calendar, weekday=weekday, opens=0, closes=1440)
    week = week_of(calendar, WEDNESDAY_10_COT)
    assert (week.is_open, week.changes_at, week.pattern) == (True, None, "around the clock")


def test_the_night_the_clocks_change_keeps_the_strip_within_the_week():
    london = make.calendar(always_open=False, zone="Europe/London")
    for weekday in range(7):
        CalendarFrame.objects.create(calendar=london, weekday=weekday, opens=0, closes=1440)
    week = week_of(london, datetime(2026, 3, 29, 12, tzinfo=UTC))
    assert [(frame.x, frame.width) for frame in week.frames] == [("0.000%", "100.000%")]
