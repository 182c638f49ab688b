"""Times as HTML: remembered by instant and zone, never by how the clock of a zone reads it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from core.ui import marks, times, words

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_each_zone_and_each_minute_has_its_own_words():
    at = NOW - timedelta(minutes=4)
    said = [
        times.ago(at, now, zone)
        for zone in ("UTC", "Asia/Kathmandu")
        for now in (NOW, NOW + timedelta(minutes=1))
    ]
    assert said == [
        f'<time datetime="2026-11-24T08:56:00Z" title="{title}" data-rel="ago">{ago}</time>'
        for title in ("Tue 24 Nov 2026, 08:56 UTC", "Tue 24 Nov 2026, 14:41 NPT · 08:56 UTC")
        for ago in ("4 min ago", "5 min ago")
    ]


def test_the_two_hours_of_a_night_on_which_clocks_go_back_are_told_apart():
    zone = ZoneInfo("Europe/Berlin")
    first, second = (datetime(2026, 10, 25, 2, 30, tzinfo=zone, fold=fold) for fold in (0, 1))
    assert first == second  # by the hands of one zone
    assert [words.absolute(at, "Europe/Berlin", NOW) for at in (first, second)] == [
        "Sun 25 Oct, 02:30 CEST",
        "Sun 25 Oct, 02:30 CET",
    ]
    assert [times.age(at, NOW, "UTC")[16:36] for at in (first, second)] == [
        "2026-10-25T00:30:00Z",
        "2026-10-25T01:30:00Z",
    ]


def test_a_day_later_the_day_is_said():
    at = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    looks = [NOW, NOW + timedelta(days=1), NOW + timedelta(days=400), NOW]
    assert [words.absolute(at, "UTC", now) for now in looks] == [
        "08:00 UTC",
        "Tue 24 Nov, 08:00 UTC",
        "Tue 24 Nov 2026, 08:00 UTC",
        "08:00 UTC",
    ]


def test_a_word_marked_safe_is_not_taken_for_the_same_word_that_is_not():
    hostile = "<b>x</b>"
    safe = marks.SafeString(hostile)
    for word, raw in ((safe, True), (hostile, False), (safe, True)):
        assert (hostile in marks.health("bad", word)) == raw
