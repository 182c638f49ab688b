"""When an integration's alerts are a storm: a pure answer."""

from datetime import timedelta

import pytest

from monitoring.domain.pace import Pace, is_storm, minute_of
from monitoring.queries.storms import load
from tests.make import NOW

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("this", "last", "storm"),
    [(0, 0, False), (10, 0, False), (11, 0, True), (0, 10, False), (0, 11, True), (10, 10, False)],
)
def test_over_the_rate_in_this_minute_or_in_the_last(this, last, storm):
    assert is_storm(Pace(10, NOW, this, last), NOW + timedelta(seconds=59)) == storm


def test_it_lasts_until_a_full_minute_stayed_within_the_rate():
    pace = Pace(10, NOW, 11, 0)

    assert [is_storm(pace, NOW + n * MINUTE) for n in range(4)] == [True, True, False, False]


def test_what_comes_after_counts_from_there():
    pace = Pace(10, NOW, 11, 0).seen_at(NOW + MINUTE).plus(3)

    assert pace == Pace(10, NOW + MINUTE, 3, 11)


def test_a_minute_begins_at_its_first_second():
    assert minute_of(NOW + timedelta(seconds=59, microseconds=999_999)) == NOW


def test_load_tells_now_hour_peak_and_since_when():
    minutes = [
        (NOW - 90 * MINUTE, 900, 600),
        (NOW - 30 * MINUTE, 50, 0),
        (NOW - 2 * MINUTE, 400, 100),
        (NOW - MINUTE, 700, 700),
        (NOW, 5, 5),
    ]

    found = load(300, minutes, NOW + timedelta(seconds=10))

    assert (found.minute, found.last_minute, found.hour, found.coalesced) == (5, 700, 1155, 805)
    assert (found.peak, found.peak_at, found.since) == (900, NOW - 90 * MINUTE, NOW - 2 * MINUTE)


def test_a_quiet_integration_has_no_storm():
    found = load(300, [(NOW - 5 * MINUTE, 400, 100)], NOW)

    assert (found.is_storm, found.since, found.hour) == (False, None, 400)
