from datetime import datetime, time, timedelta

import pytest

from core.zones import from_wall_seconds
from rotas.domain.grid import grid_of, handoffs, handoffs_around, turn_at
from rotas.types import Layer, Window
from tests.core.slow_calendar import utc

WEEKDAYS = frozenset(range(5))


def layer(unit="daily", length=1, anchor=datetime(2026, 1, 5), zone="UTC", turns="anchor", **more):
    return Layer(1, 0, zone, unit, length, anchor, turns, ((1,), (2,), (3,)), **more)


def test_a_hand_over_in_the_gap_happens_as_it_ends():
    nightly = layer(zone="America/Chicago", anchor=datetime(2020, 3, 1, 2, 30))
    assert turn_at(nightly, utc(2020, 3, 8, 7, 45))[1] == utc(2020, 3, 8, 8)
    assert turn_at(nightly, utc(2020, 3, 8, 8))[:2] == (utc(2020, 3, 8, 8), utc(2020, 3, 9, 7, 30))


def test_a_hand_over_in_the_repeated_hour_happens_once_at_the_first():
    nightly = layer(zone="America/Chicago", anchor=datetime(2020, 10, 20, 1, 30))
    # 01:15 for the second time: the hand-over of 01:30 was before
    assert turn_at(nightly, utc(2020, 11, 1, 7, 15)) == (utc(2020, 11, 1, 6, 30), utc(2020, 11, 2, 7, 30), 12)
    assert handoffs(nightly, utc(2020, 11, 1), utc(2020, 11, 2)) == [utc(2020, 11, 1, 6, 30)]


def test_the_turn_between_two_hand_overs_on_one_instant_is_used_up():
    hourly = layer("hourly", zone="America/Chicago", anchor=datetime(2026, 3, 8))
    numbers = [turn_at(hourly, utc(2026, 3, 8, hour))[2] for hour in (6, 7, 8, 9)]
    # 02:00 does not exist and falls on 03:00
    assert numbers == [0, 1, 3, 4]


def test_a_used_up_turn_leaves_no_empty_stretch_under_windows_either():
    hourly = layer(
        "hourly",
        zone="America/Chicago",
        anchor=datetime(2026, 3, 8),
        windows=(Window(frozenset({6}), time(0), time(6)),),
    )
    assert handoffs(hourly, utc(2026, 3, 8, 6), utc(2026, 3, 8, 11)) == [
        utc(2026, 3, 8, h) for h in (6, 7, 8, 9, 10)
    ]


def test_the_grid_runs_back_before_the_anchor():
    weekly = layer("weekly")
    assert turn_at(weekly, utc(2026, 1, 4)) == (utc(2025, 12, 29), utc(2026, 1, 5), -1)


def test_months_are_clamped_from_the_anchor():
    monthly = grid_of(layer("monthly", anchor=datetime(2027, 12, 31, 9)))
    days = [from_wall_seconds(monthly.wall(n)) for n in range(-2, 4)]
    assert days == [
        datetime(2027, 10, 31, 9),
        datetime(2027, 11, 30, 9),
        datetime(2027, 12, 31, 9),
        datetime(2028, 1, 31, 9),
        datetime(2028, 2, 29, 9),
        datetime(2028, 3, 31, 9),
    ]


def test_every_third_month():
    quarterly = layer("monthly", 3, anchor=datetime(2026, 1, 15))
    assert turn_at(quarterly, utc(2026, 4, 14)) == (utc(2026, 1, 15), utc(2026, 4, 15), 0)
    assert turn_at(quarterly, utc(2025, 10, 14))[2] == -2


def test_calendar_weeks_begin_on_monday_at_the_anchors_time():
    weekly = layer("weekly", anchor=datetime(2026, 1, 8, 9), turns="calendar")
    assert turn_at(weekly, utc(2026, 1, 8, 9)) == (utc(2026, 1, 5, 9), utc(2026, 1, 12, 9), 0)


def test_calendar_months_begin_on_the_first():
    monthly = layer("monthly", anchor=datetime(2026, 1, 31, 9), turns="calendar")
    assert turn_at(monthly, utc(2026, 2, 1, 8))[2] == 0
    assert turn_at(monthly, utc(2026, 2, 1, 9)) == (utc(2026, 2, 1, 9), utc(2026, 3, 1, 9), 1)


def test_two_week_turns_are_held_for_two_weeks():
    assert turn_at(layer("weekly", 2), utc(2026, 1, 18)) == (utc(2026, 1, 5), utc(2026, 1, 19), 0)


def test_closed_days_use_up_no_turn():
    daily = layer(windows=(Window(WEEKDAYS, time(9), time(17)),))
    monday = utc(2026, 1, 5)
    numbers = [turn_at(daily, monday + timedelta(days=n, hours=12))[2] for n in range(9)]
    # Saturday and Sunday belong to Friday's turn
    assert numbers == [0, 1, 2, 3, 4, 4, 4, 5, 6]


def test_closed_days_use_up_a_turn_when_asked_for():
    daily = layer(windows=(Window(WEEKDAYS, time(9), time(17)),), count_closed=True)
    assert turn_at(daily, utc(2026, 1, 12, 12))[2] == 7


def test_open_days_are_held_by_twos_over_the_weekend():
    daily = layer(length=2, windows=(Window(WEEKDAYS, time(9), time(17)),))
    assert turn_at(daily, utc(2026, 1, 9, 12)) == (utc(2026, 1, 9), utc(2026, 1, 13), 2)


def test_a_period_that_runs_into_an_open_morning_is_open():
    # hand-over at 18:00, open from midnight to 08:00: Sunday's period holds Monday's hours
    nightly = layer(anchor=datetime(2026, 1, 4, 18), windows=(Window(WEEKDAYS, time(0), time(8)),))
    numbers = [turn_at(nightly, utc(2026, 1, day, 4))[2] for day in (5, 6, 7, 8, 9, 12)]
    assert numbers == [0, 1, 2, 3, 4, 5]


def test_a_window_without_weekdays_ends_no_calculation():
    daily = layer(windows=(Window(frozenset(), time(9), time(17)),))
    assert turn_at(daily, utc(2026, 1, 7, 12))[2] == 2


def test_hand_overs_around_a_window_reach_one_beyond_both_ends():
    daily = layer(anchor=datetime(2026, 1, 5, 9))
    assert handoffs_around(daily, utc(2026, 1, 7), utc(2026, 1, 8, 9)) == [
        utc(2026, 1, 6, 9),
        utc(2026, 1, 7, 9),
        utc(2026, 1, 8, 9),
        utc(2026, 1, 9, 9),
    ]


def test_hand_overs_lie_within_window_and_validity():
    daily = layer(starts=utc(2026, 1, 6, 12), ends=utc(2026, 1, 9))
    assert handoffs(daily, utc(2026, 1, 1), utc(2026, 1, 31)) == [utc(2026, 1, 7), utc(2026, 1, 8)]
    assert handoffs(daily, utc(2026, 2, 1), utc(2026, 2, 9)) == []


def test_a_layer_that_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="at least one unit"):
        layer(length=0)
    with pytest.raises(ValueError, match="has no tzinfo"):
        layer(anchor=utc(2026, 1, 5))
