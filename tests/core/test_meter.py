"""Counting while working."""

from datetime import timedelta

import pytest

from core import meter
from tests.away import away_redis
from tests.make import NOW

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def nothing_counted():
    meter.forget()
    yield
    meter.forget()


def test_what_was_counted_adds_up_over_flushes_and_minutes():
    meter.count("delivery", "email", "sent", n=2)
    meter.flush(NOW)
    meter.count("delivery", "email", "sent")
    meter.flush(NOW + MINUTE)

    assert meter.totals() == {("delivery", "email", "sent"): 3}
    assert meter.last_minutes(NOW + MINUTE, 3) == [
        {},
        {("delivery", "email", "sent"): 2},
        {("delivery", "email", "sent"): 1},
    ]


def test_lateness_has_a_class_for_each_bound_and_one_beyond():
    for seconds in (-1, 0, 0.25, 0.3, 59, 301):
        meter.late("clocks", NOW - seconds * SECOND, NOW)
    meter.flush(NOW)

    found = meter.lateness_of("clocks", meter.totals())

    assert found.classes == (3, 1, 0, 0, 0, 0, 0, 1, 0, 1)
    assert found.seconds == pytest.approx(360.55)
    assert (found.percentile(50), found.percentile(80), found.percentile(99)) == (0.25, 60.0, float("inf"))


def test_nothing_worked_has_no_percentile():
    assert meter.Lateness().percentile(99) is None


def test_sums_wait_while_redis_is_away(monkeypatch):
    meter.count("worked", "clocks", n=5)
    away = away_redis()
    with monkeypatch.context() as patch:
        patch.setattr(meter, "redis_client", lambda: away)
        meter.flush(NOW)
        assert meter.totals() == {}
    meter.count("worked", "clocks")
    meter.flush(NOW)

    assert meter.totals() == {("worked", "clocks"): 6}


def test_a_tick_that_did_nothing_says_nothing_to_redis(monkeypatch):
    monkeypatch.setattr(meter, "redis_client", lambda: pytest.fail("asked Redis"))
    meter.count("worked", "clocks", n=0)

    meter.flush(NOW)
