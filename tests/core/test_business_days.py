from datetime import date, timedelta

import pytest

from core.calendars import BusinessHours, NeverOpen, add_business_days
from core.intervals import Interval
from tests.core.slow_calendar import utc

H = 3600
OFFICE = BusinessHours("UTC", (((9 * H, 17 * H),),) * 5 + ((), ()))
FRIDAY = utc(2026, 1, 9, 10)


def test_wall_clock_time_is_kept_over_the_weekend():
    assert add_business_days(OFFICE, FRIDAY, 1) == utc(2026, 1, 12, 10)


def test_wall_clock_time_is_kept_over_a_change_of_clocks():
    hours = BusinessHours("Europe/Berlin", OFFICE.weekly)
    assert add_business_days(hours, utc(2026, 3, 27, 9), 1) == utc(2026, 3, 30, 8)


def test_days_go_back_too():
    assert add_business_days(OFFICE, FRIDAY, -5) == utc(2026, 1, 2, 10)


def test_the_date_is_the_local_one():
    hours = BusinessHours("Asia/Kathmandu", OFFICE.weekly)
    # 18:30 UTC on Friday is Saturday in Kathmandu
    assert add_business_days(hours, utc(2026, 1, 9, 18, 30), 1) == utc(2026, 1, 11, 18, 30)


def test_zero_days_from_a_closed_day_is_the_next_working_day():
    assert add_business_days(OFFICE, FRIDAY, 0) == FRIDAY
    assert add_business_days(OFFICE, FRIDAY + timedelta(days=1), 0) == utc(2026, 1, 12, 10)


def test_holidays_and_exceptions_decide_what_a_working_day_is():
    hours = BusinessHours(
        "UTC", OFFICE.weekly, frozenset({date(2026, 1, 12)}), ((date(2026, 1, 10), ((9 * H, 12 * H),)),)
    )
    assert add_business_days(hours, FRIDAY, 2) == utc(2026, 1, 13, 10)


def test_end_is_the_end_of_that_working_day():
    assert add_business_days(OFFICE, FRIDAY, 1, "business_days_end") == utc(2026, 1, 12, 17)
    assert add_business_days(OFFICE, FRIDAY, -1, "business_days_end") == utc(2026, 1, 8, 17)


def test_roll_moves_into_opening_hours():
    assert add_business_days(OFFICE, utc(2026, 1, 8, 6), 1, "business_days_roll") == utc(2026, 1, 9, 9)
    assert add_business_days(OFFICE, utc(2026, 1, 8, 20), 1, "business_days_roll") == utc(2026, 1, 12, 9)
    assert add_business_days(OFFICE, utc(2026, 1, 8, 12), 1, "business_days_roll") == utc(2026, 1, 9, 12)


def test_roll_stays_at_a_closing():
    assert add_business_days(OFFICE, utc(2026, 1, 8, 17), 1, "business_days_roll") == utc(2026, 1, 9, 17)


def test_roll_of_negative_days_goes_back():
    assert add_business_days(OFFICE, utc(2026, 1, 8, 20), -1, "business_days_roll") == utc(2026, 1, 7, 17)
    assert add_business_days(OFFICE, utc(2026, 1, 8, 6), -1, "business_days_roll") == utc(2026, 1, 6, 17)
    assert add_business_days(OFFICE, utc(2026, 1, 8, 9), -1, "business_days_roll") == utc(2026, 1, 7, 9)


def test_hold_adds_the_business_time_of_pauses():
    pauses = [Interval(FRIDAY, FRIDAY + timedelta(hours=2)), Interval(FRIDAY, FRIDAY + timedelta(hours=3))]
    assert add_business_days(OFFICE, FRIDAY, 1, "business_days_plus_hold", pauses) == utc(2026, 1, 12, 13)


def test_hold_counts_only_pauses_that_begin_before_the_target_is_due():
    late = [Interval(utc(2026, 1, 12, 10), utc(2026, 1, 12, 12))]
    assert add_business_days(OFFICE, FRIDAY, 1, "business_days_plus_hold", late) == utc(2026, 1, 12, 10)


def test_hold_outside_opening_hours_adds_nothing():
    night = [Interval(utc(2026, 1, 9, 20), utc(2026, 1, 12, 8))]
    assert add_business_days(OFFICE, FRIDAY, 1, "business_days_plus_hold", night) == utc(2026, 1, 12, 10)


def test_suffixes_apply_in_their_order():
    pauses = [Interval(FRIDAY, FRIDAY + timedelta(hours=2))]
    early = utc(2026, 1, 9, 6)
    assert add_business_days(OFFICE, early, 1, "business_days_end_plus_hold", pauses) == utc(2026, 1, 13, 11)
    assert add_business_days(OFFICE, early, 1, "business_days_roll_plus_hold", pauses) == utc(2026, 1, 12, 11)
    assert add_business_days(OFFICE, early, 1, "business_days_plus_hold_end", pauses) == utc(2026, 1, 12, 17)


@pytest.mark.parametrize("mode", ["business_time", "business_days_", "business_days_ends", "", "days_end"])
def test_other_modes_are_refused(mode):
    with pytest.raises(ValueError, match="Unknown mode"):
        add_business_days(OFFICE, FRIDAY, 1, mode)


def test_a_calendar_without_working_days_says_so():
    closed = BusinessHours("UTC", ((),) * 7)
    for days in (-1, 0, 1):
        with pytest.raises(NeverOpen):
            add_business_days(closed, FRIDAY, days)
