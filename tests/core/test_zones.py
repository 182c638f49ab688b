from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from core.zones import UnknownZone, from_seconds, seconds, table, to_local, to_utc, tzdata_version
from tests.core.zones_for_tests import ODD_ZONES, ZONES, instants, zones


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_a_time_in_the_gap_is_the_first_instant_after_it():
    assert to_utc(datetime(2018, 3, 11, 2, 30), "America/Chicago") == at(2018, 3, 11, 8)
    assert to_utc(datetime(2018, 3, 11, 2, 30), "America/Chicago", which="last") == at(2018, 3, 11, 8)


def test_a_time_that_happens_twice_is_its_first_occurrence():
    assert to_utc(datetime(2018, 11, 4, 1, 30), "America/Chicago") == at(2018, 11, 4, 6, 30)


def test_the_second_occurrence_can_be_asked_for():
    assert to_utc(datetime(2018, 11, 4, 1, 30), "America/Chicago", which="last") == at(2018, 11, 4, 7, 30)


def test_last_of_an_ordinary_time_is_that_time():
    assert to_utc(datetime(2018, 7, 4, 1, 30), "America/Chicago", which="last") == at(2018, 7, 4, 6, 30)


def test_half_an_hour_of_gap_at_lord_howe():
    assert to_utc(datetime(2020, 10, 4, 2, 15), "Australia/Lord_Howe") == at(2020, 10, 3, 15, 30)


def test_a_whole_missing_day_at_apia():
    assert to_utc(datetime(2011, 12, 30, 12), "Pacific/Apia") == at(2011, 12, 30, 10)
    assert to_local(at(2011, 12, 30, 10), "Pacific/Apia") == datetime(2011, 12, 31)


def test_quarter_hours_of_kathmandu():
    assert to_utc(datetime(2026, 6, 1, 7), "Asia/Kathmandu") == at(2026, 6, 1, 1, 15)


def test_a_fraction_of_a_second_is_kept():
    assert to_utc(datetime(2026, 6, 1, 7, 0, 0, 250_000), "UTC") == at(2026, 6, 1, 7, 0, 0, 250_000)


def test_far_years_are_known_and_farther_ones_refused():
    assert to_utc(datetime(2150, 7, 1, 12), "Europe/London") == at(2150, 7, 1, 11)
    assert to_utc(datetime(1950, 1, 1, 12), "Europe/London") == at(1950, 1, 1, 12)
    with pytest.raises(ValueError, match="The year 2200 is outside"):
        to_utc(datetime(2200, 1, 1), "UTC")


def test_unknown_zones_and_wrong_kinds_of_time_are_refused():
    for name in ("Mars/Olympus", "../../etc/passwd", "", "America"):
        with pytest.raises(UnknownZone):
            to_utc(datetime(2026, 1, 1), name)
    with pytest.raises(ValueError, match="has no tzinfo"):
        to_utc(at(2026, 1, 1), "UTC")
    with pytest.raises(ValueError, match="needs a zone"):
        to_local(datetime(2026, 1, 1), "UTC")
    with pytest.raises(ValueError, match="needs a zone"):
        seconds(datetime(2026, 1, 1))


def test_the_version_of_the_zone_data_is_known():
    assert tzdata_version()[:2] == "20"


@pytest.mark.parametrize("name", [*ZONES, *ODD_ZONES, "America/Boa_Vista", "Africa/Cairo"])
def test_no_change_of_clocks_escapes_the_table(name):
    zone, zone_table = ZoneInfo(name), table(name)
    for day in range(-9000, 20_000, 3):
        instant = day * 86_400
        offset = datetime.fromtimestamp(instant, zone).utcoffset()
        assert zone_table.to_wall(instant) - instant == offset // timedelta(seconds=1)


@settings(derandomize=True, database=None, deadline=None, max_examples=300)
@given(zones, instants(step=1, hours=4))
def test_the_instant_of_a_wall_time_is_the_first_that_shows_it_or_a_later_one(name, near):
    wall = to_local(near, name)
    found = to_utc(wall, name)
    last = to_utc(wall, name, which="last")
    assert to_local(found, name) >= wall
    assert to_local(found - timedelta(seconds=1), name) < wall
    assert found <= near <= last
    assert near in (found, last)


def test_seconds_and_instants_are_inverse():
    assert from_seconds(seconds(at(2026, 3, 8, 7, 59, 59))) == at(2026, 3, 8, 7, 59, 59)
    assert seconds(datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC)) == -1
