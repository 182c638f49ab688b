import copy
import pickle
from datetime import date, datetime, timedelta

import pytest

from core.calendars import (
    BusinessHours,
    Frame,
    NeverOpen,
    add,
    elapsed,
    explain,
    is_open,
    next_open,
    open_intervals,
    subtract,
)
from core.intervals import Interval
from tests.core.slow_calendar import utc

H = 3600
NINE_TO_FIVE = ((9 * H, 17 * H),)
WEEK = (NINE_TO_FIVE,) * 5 + ((), ())
OFFICE = BusinessHours("UTC", WEEK)
# Monday 5 January 2026
MONDAY = utc(2026, 1, 5)


def monday(hour, minute=0, second=0):
    return MONDAY + timedelta(hours=hour, minutes=minute, seconds=second)


def test_time_used_up_at_closing_ends_at_closing():
    assert add(OFFICE, monday(9), 8 * H) == monday(17)


def test_one_second_more_ends_the_next_morning():
    assert add(OFFICE, monday(9), 8 * H + 1) == monday(24 + 9, 0, 1)


def test_zero_is_the_first_open_moment():
    assert add(OFFICE, monday(6), 0) == monday(9)
    assert add(OFFICE, monday(10), 0) == monday(10)
    assert add(OFFICE, monday(17), 0) == monday(24 + 9)


def test_zero_within_a_pause_is_the_first_running_moment():
    assert add(OFFICE, monday(10), 0, [Interval(monday(10), monday(12))]) == monday(12)
    assert add(OFFICE, monday(16), 0, [Interval(monday(15), monday(17))]) == monday(24 + 9)
    assert add(OFFICE, monday(10), 0, [Interval(monday(12), monday(13))]) == monday(10)
    assert add(OFFICE, monday(6), 0, [Interval(monday(9), monday(12))]) == monday(12)


def test_going_back_stops_at_an_opening():
    assert subtract(OFFICE, monday(24 + 9), 8 * H) == monday(9)
    assert add(OFFICE, monday(24 + 10), -H) == monday(24 + 9)


def test_going_back_around_a_pause_stops_at_its_end():
    assert subtract(OFFICE, monday(14), H, [Interval(monday(11), monday(13))]) == monday(13)
    assert subtract(OFFICE, monday(14), H + 1, [Interval(monday(11), monday(13))]) == monday(10, 59, 59)


def test_time_used_up_as_a_pause_begins_ends_there():
    assert add(OFFICE, monday(9), H, [Interval(monday(10), monday(12))]) == monday(10)


def test_overlapping_pauses_count_once():
    pauses = [
        Interval(monday(10), monday(12)),
        Interval(monday(11), monday(13)),
        Interval(monday(9), monday(8)),
    ]
    assert add(OFFICE, monday(9), 2 * H, pauses) == monday(14)
    assert elapsed(OFFICE, monday(9), monday(17), pauses) == 5 * H


def test_pauses_may_be_plain_pairs():
    assert add(OFFICE, monday(9), 2 * H, [(monday(10), monday(11))]) == monday(12)


def test_a_pause_beyond_the_end_changes_nothing():
    assert add(OFFICE, monday(9), H, [Interval(monday(15), monday(16))]) == monday(10)
    assert elapsed(OFFICE, monday(9), monday(10), [Interval(monday(15), monday(16))]) == H


def test_elapsed_is_nothing_when_the_end_comes_first():
    assert elapsed(OFFICE, monday(12), monday(10)) == 0
    assert explain(OFFICE, monday(12), monday(10)) == []
    assert open_intervals(OFFICE, monday(12), monday(10)) == []


def test_the_closing_second_is_closed():
    assert (is_open(OFFICE, monday(16, 59, 59)), is_open(OFFICE, monday(17))) == (True, False)
    assert next_open(OFFICE, monday(17)) == monday(24 + 9)


def test_fractions_of_a_second_are_dropped():
    assert add(OFFICE, monday(9) + timedelta(microseconds=900_000), 8 * H) == monday(17)
    assert elapsed(OFFICE, monday(9) + timedelta(microseconds=900_000), monday(10)) == H


def test_around_the_clock_is_elapsed_time():
    always = BusinessHours.always()
    assert add(always, utc(2026, 3, 7, 17), 24 * H) == utc(2026, 3, 8, 17)
    assert (
        elapsed(always, utc(2000, 1, 1), utc(2040, 1, 1))
        == (utc(2040, 1, 1) - utc(2000, 1, 1)).total_seconds()
    )
    assert add(always, utc(2026, 1, 1), 10**9) == utc(2026, 1, 1) + timedelta(seconds=10**9)
    assert add(always, utc(2026, 1, 1), -(10**9)) == utc(2026, 1, 1) - timedelta(seconds=10**9)


def test_around_the_clock_in_a_zone_with_changing_clocks_has_no_holes():
    chicago = BusinessHours.always("America/Chicago")
    assert open_intervals(chicago, utc(2026, 1, 1), utc(2027, 1, 1)) == [
        Interval(utc(2026, 1, 1), utc(2027, 1, 1))
    ]


def test_a_holiday_closes_the_local_date():
    hours = BusinessHours("Africa/Nairobi", (NINE_TO_FIVE,) * 7, frozenset({date(2026, 10, 20)}))
    # 22:30 UTC on the 19th is already the 20th in Nairobi
    assert add(hours, utc(2026, 10, 19, 22, 30), 0) == utc(2026, 10, 21, 6)


def test_an_exception_wins_over_weekday_and_holiday():
    hours = BusinessHours(
        "UTC",
        WEEK,
        frozenset({date(2026, 1, 5)}),
        ((date(2026, 1, 5), ((10 * H, 12 * H),)), (date(2026, 1, 6), ())),
    )
    assert open_intervals(hours, MONDAY, MONDAY + timedelta(days=3)) == [
        Interval(monday(10), monday(12)),
        Interval(monday(48 + 9), monday(48 + 17)),
    ]


def test_an_overnight_shift_is_one_stretch():
    night = BusinessHours("UTC", (((22 * H, 24 * H),), ((0, 6 * H),), (), (), (), (), ()))
    assert open_intervals(night, MONDAY, MONDAY + timedelta(days=7)) == [Interval(monday(22), monday(30))]


def test_an_opening_in_the_gap_moves_to_its_end():
    hours = BusinessHours("America/New_York", ((), (), (), (), (), (), ((2 * H + 1800, 10 * H),)))
    assert open_intervals(hours, utc(2026, 3, 8), utc(2026, 3, 9)) == [
        Interval(utc(2026, 3, 8, 7), utc(2026, 3, 8, 14))
    ]


def test_a_frame_within_the_gap_is_no_frame():
    hours = BusinessHours("America/New_York", ((),) * 6 + (((2 * H, 2 * H + 1800),),))
    assert open_intervals(hours, utc(2026, 3, 8), utc(2026, 3, 9)) == []


def test_a_frame_over_the_repeated_hour_lasts_an_hour_longer():
    hours = BusinessHours("America/New_York", ((),) * 6 + (((H, 3 * H),),))
    assert elapsed(hours, utc(2026, 11, 1), utc(2026, 11, 2)) == 3 * H


def test_explain_names_open_and_paused_frames():
    assert explain(OFFICE, monday(16), monday(24 + 10), [Interval(monday(16, 30), monday(24 + 9, 15))]) == [
        Frame(monday(16), monday(16, 30), "open", 1800),
        Frame(monday(16, 30), monday(17), "pause", 1800),
        Frame(monday(24 + 9), monday(24 + 9, 15), "pause", 900),
        Frame(monday(24 + 9, 15), monday(24 + 10), "open", 2700),
    ]


def test_a_calendar_open_on_one_date_only_has_no_more_than_that():
    hours = BusinessHours("UTC", ((),) * 7, exceptions=((date(2030, 1, 5), NINE_TO_FIVE),))
    assert add(hours, MONDAY, 8 * H) == utc(2030, 1, 5, 17)
    with pytest.raises(NeverOpen):
        add(hours, MONDAY, 8 * H + 1)
    with pytest.raises(NeverOpen):
        add(hours, MONDAY, -1)


def test_more_time_than_the_known_years_hold_is_refused():
    with pytest.raises(NeverOpen):
        add(OFFICE, MONDAY, 10**12)
    with pytest.raises(ValueError, match="Calendars know the years"):
        elapsed(OFFICE, MONDAY, utc(9000, 1, 1))


def test_times_without_a_zone_are_refused():
    with pytest.raises(ValueError, match="needs a zone"):
        add(OFFICE, datetime(2026, 1, 5), 60)
    with pytest.raises(ValueError, match="needs a zone"):
        is_open(OFFICE, datetime(2026, 1, 5))


@pytest.mark.parametrize("frame", [(17 * H, 9 * H), (-1, 5), (0, 24 * H + 1), (5, 5)])
def test_frames_outside_their_day_are_refused(frame):
    with pytest.raises(ValueError, match="within its day"):
        BusinessHours("UTC", ((frame,),) + ((),) * 6)
    with pytest.raises(ValueError, match="within its day"):
        BusinessHours("UTC", ((),) * 7, exceptions=((date(2026, 1, 5), (frame,)),))


def test_a_week_has_seven_days():
    with pytest.raises(ValueError, match="seven days"):
        BusinessHours("UTC", (NINE_TO_FIVE,) * 5)


def test_equal_calendars_share_their_open_time_and_travel_without_it():
    again = BusinessHours("UTC", WEEK)
    assert again.timeline is OFFICE.timeline
    assert pickle.loads(pickle.dumps(OFFICE)) == OFFICE == copy.deepcopy(OFFICE)
    assert len(pickle.dumps(OFFICE)) < 1000


def test_years_grow_to_both_sides_without_changing_an_answer():
    hours = BusinessHours("Europe/Madrid", WEEK)
    first = add(hours, utc(2026, 7, 1), 100 * H)
    add(hours, utc(1990, 7, 1), 100 * H)
    add(hours, utc(2060, 7, 1), 100 * H)
    assert add(hours, utc(2026, 7, 1), 100 * H) == first
    assert elapsed(hours, utc(1990, 1, 1), utc(2060, 1, 1)) == sum(
        elapsed(hours, utc(year, 1, 1), utc(year + 1, 1, 1)) for year in range(1990, 2060)
    )
