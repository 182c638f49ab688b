"""Hours by part of the day, rest, and fairness."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.intervals import Interval
from rotas.domain.workload import PARTS, WEIGHTS, Limits, fairness, hours, is_asleep, strains

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LIMITS = Limits()


def span(start, end) -> Interval:
    return Interval(MONDAY + start * HOUR, MONDAY + end * HOUR)


def split(found) -> dict[str, float]:
    return {part: found.of(part) / HOUR for part in PARTS if found.of(part)}


def test_a_weekday_has_night_day_and_evening():
    assert split(hours([span(0, 24)], "UTC", LIMITS)) == {"day": 12, "evening": 4, "night": 8}


def test_on_the_clock_of_the_person():
    # 21:00 UTC on Monday is 02:45 on Tuesday in Kathmandu
    assert split(hours([span(21, 22)], "Asia/Kathmandu", LIMITS)) == {"night": 1}


def test_weekends_and_public_holidays_are_whole_days():
    friday = 4 * 24
    found = hours([span(friday + 20, friday + 72)], "UTC", LIMITS, {date(2026, 3, 8)})
    assert split(found) == {"evening": 2, "night": 2, "weekend": 24, "holiday": 24}


def test_what_overlaps_counts_once():
    assert hours([span(8, 12), span(10, 14)], "UTC", LIMITS).total == 6 * HOUR


def test_a_night_in_which_clocks_change_is_as_long_as_it_was():
    night = Interval(datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 3, 29, 6, tzinfo=UTC))
    assert hours([night], "Europe/London", LIMITS).total == 8 * HOUR


def test_load_weighs_the_hours():
    found = hours([span(0, 24)], "UTC", LIMITS)
    assert found.load == 12 * WEIGHTS["day"] + 4 * WEIGHTS["evening"] + 8 * WEIGHTS["night"]


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 60)), max_size=6),
    st.sampled_from(["UTC", "America/Bogota", "Australia/Lord_Howe", "America/Chicago"]),
)
def test_the_parts_are_the_whole(spans, zone):
    stretches = [span(start, start + length) for start, length in spans]
    covered = {n for start, length in spans for n in range(start, start + length)}
    assert hours(stretches, zone, LIMITS).total == len(covered) * HOUR


@pytest.mark.parametrize(
    ("hour", "asleep"), [(2, True), (5, True), (6, False), (12, False), (21, False), (22, True)]
)
def test_when_people_sleep(hour, asleep):
    assert is_asleep(MONDAY + hour * HOUR, "UTC", LIMITS) is asleep


def test_too_little_rest_between_two_shifts():
    (found,) = strains([span(8, 16), span(23, 31)], "UTC", LIMITS)
    assert (found.kind, found.start, found.much, found.limit) == ("rest", MONDAY + 16 * HOUR, 7, 11)


def test_shifts_that_touch_are_one_and_rest_that_is_enough_is_no_strain():
    assert strains([span(8, 12), span(12, 16), span(27, 30)], "UTC", LIMITS) == []


def test_too_many_days_in_a_row():
    (found,) = strains([span(24 * day + 8, 24 * day + 14) for day in range(8)], "UTC", LIMITS)
    assert (found.kind, found.much, found.limit) == ("days", 8, 6)
    assert (found.start, found.end) == (MONDAY, MONDAY + 8 * DAY)


def test_a_night_shift_belongs_to_the_day_on_which_it_begins():
    limits = Limits(max_week=100 * HOUR)
    six_nights = [span(24 * day + 20, 24 * day + 28) for day in range(6)]
    assert strains(six_nights, "UTC", limits) == []


def test_too_many_hours_in_seven_days_are_said_once():
    found = strains([span(24 * day + 8, 24 * day + 18) for day in range(6)], "UTC", LIMITS)
    assert [(each.kind, each.much) for each in found] == [("week", 60)]


def test_even_loads_are_fair_and_one_sided_ones_are_not():
    assert fairness({1: 10, 2: 10}, {1: 100, 2: 100}).score == 100
    assert fairness({1: 20, 2: 0}, {1: 100, 2: 100}).score == 50
    assert fairness({1: 20}, {1: 0, 2: 100}).score == 0
    assert fairness({1: 15, 2: 5}, {1: 75, 2: 25}).score == 100


def test_nothing_to_share_has_no_score():
    assert fairness({}, {1: 100}).score is None
    assert fairness({1: 5}, {1: 0}).score is None


# Hours and percent: numbers so small that a float loses its digits are neither.
loads = st.dictionaries(st.integers(1, 6), st.floats(0, 500, allow_subnormal=False), max_size=6)


@given(loads, loads)
def test_targets_add_up_to_the_load_and_the_score_is_a_percentage(load, shares):
    found = fairness(load, shares)
    if found.score is not None:
        assert 0 <= found.score <= 100
        assert sum(each.target for each in found.standings) == pytest.approx(sum(load.values()))
    assert sum(each.over for each in found.standings) == pytest.approx(
        0 if found.score is not None else sum(load.values())
    )
