"""Instants and durations in the words of the portal."""

from datetime import UTC, datetime, timedelta

import pytest

from core.ui import words

NOW = datetime(2026, 11, 23, 16, 38, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (14 * 60 + 59, "14 min"),
        (3600, "1 h"),
        (5520, "1 h 32"),
        (7 * 3600 + 4 * 60, "7 h 04"),
        (86_399, "23 h 59"),
        (86_400, "1 d"),
        (2 * 86_400 + 5 * 3600, "2 d 5 h"),
        (45 * 86_400 + 3600, "45 d"),
        (-840, "14 min"),
    ],
)
def test_duration_is_said_at_a_glance(seconds: int, said: str) -> None:
    assert words.duration(seconds) == said


def test_what_is_overdue_is_late() -> None:
    assert words.left_or_late(660) == "11 min"
    assert words.left_or_late(-3 * 3600) == "3 h late"


def test_relative_times_look_both_ways() -> None:
    assert words.relative(NOW - timedelta(minutes=4), NOW) == "4 min ago"
    assert words.relative(NOW + timedelta(minutes=125), NOW) == "in 2 h 05"
    assert words.relative(NOW + timedelta(seconds=20), NOW) == "just now"


def test_zones_have_the_letters_people_use() -> None:
    assert words.zone_letters("Africa/Nairobi", NOW) == "EAT"
    assert words.zone_letters("Asia/Kathmandu", NOW) == "NPT"
    assert words.zone_letters("America/Bogota", NOW) == "COT"
    assert words.zone_letters("Asia/Kolkata", NOW) == "IST"
    assert words.zone_letters("Asia/Colombo", NOW) == "UTC+5:30"


def test_offsets_keep_their_quarter_hours() -> None:
    assert words.zone_offset("Asia/Kathmandu", NOW) == "UTC+5:45"
    assert words.zone_offset("America/Bogota", NOW) == "UTC−5"
    assert words.zone_offset("UTC", NOW) == "UTC"


def test_absolute_times_are_no_longer_than_needed() -> None:
    assert words.absolute(NOW, "Africa/Nairobi", NOW) == "19:38 EAT"
    assert words.absolute(NOW - timedelta(days=1), "Africa/Nairobi", NOW) == "Sun 22 Nov, 19:38 EAT"
    assert words.absolute(NOW - timedelta(days=400), "UTC", NOW) == "Sun 19 Oct 2025, 16:38 UTC"
    assert words.absolute(NOW, "Asia/Kathmandu") == "Mon 23 Nov 2026, 22:23 NPT"


def test_the_same_day_is_judged_in_the_readers_zone() -> None:
    late = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
    assert words.absolute(late, "Asia/Kathmandu", NOW) == "Tue 24 Nov, 01:45 NPT"


def test_a_title_says_utc_too() -> None:
    assert words.full(NOW, "Africa/Nairobi") == "Mon 23 Nov 2026, 19:38 EAT · 16:38 UTC"
    assert words.full(NOW, "UTC") == "Mon 23 Nov 2026, 16:38 UTC"


def test_a_voice_hears_whole_words() -> None:
    assert words.spoken(5520) == "1 hour 32 minutes"
    assert words.spoken(2 * 86_400 + 3600) == "2 days 1 hour"
    assert words.spoken(12) == "less than a minute"
