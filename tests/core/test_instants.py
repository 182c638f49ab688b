"""Instants at the ends of the calendar."""

from datetime import UTC, datetime

import pytest

from core.errors import Invalid
from core.instants import EARLIEST, LATEST, check_known
from core.ui.words import absolute, full


@pytest.mark.parametrize("zone", ["America/Bogota", "Asia/Kathmandu", "UTC"])
@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(1, 1, 1, tzinfo=UTC), "Mon 1 Jan 0001"),
        (datetime(9999, 12, 31, 23, 59, tzinfo=UTC), "Fri 31 Dec 9999"),
    ],
)
def test_the_first_and_the_last_day_have_words_in_every_zone(at, zone, words):
    assert absolute(at, zone).startswith(words)
    assert full(at, zone).startswith(words)


def test_known_years_reach_from_1970_to_2149():
    check_known("started_at", None)
    check_known("started_at", EARLIEST)
    for at in (datetime(1969, 12, 31, 23, 59, tzinfo=UTC), LATEST, datetime(1, 1, 1, tzinfo=UTC)):
        with pytest.raises(Invalid) as refusal:
            check_known("started_at", at)
        assert list(refusal.value.fields) == ["started_at"]
