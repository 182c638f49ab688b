"""The bar of a promise: what is consumed, paused, late, met."""

from datetime import UTC, datetime, timedelta

import pytest

from core.ui.slabar import Segment, sla_bar

OPENED = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return OPENED + timedelta(minutes=minutes)


def test_a_fresh_promise_is_consumed_from_the_left() -> None:
    bar = sla_bar(OPENED, at(100), at(27), warn_at=at(75), name="Acknowledge")
    assert bar.segments == (Segment("used", "0.0%", "27.0%"),)
    assert (bar.tone, bar.left, bar.tick, bar.due) == ("ok", "1 h 13", "75.0%", at(100))
    assert bar.label == "Acknowledge: 27 percent used, due 13:40 UTC"


def test_past_the_warning_it_warns() -> None:
    bar = sla_bar(OPENED, at(100), at(80), warn_at=at(75), zone="Africa/Nairobi")
    assert bar.tone == "warn"
    assert bar.label == "80 percent used, past the warning, due 16:40 EAT"
    assert bar.due_text == "16:40"


def test_a_pause_is_hatched_and_not_counted_as_used() -> None:
    bar = sla_bar(OPENED, at(200), at(100), [(at(20), at(60))])
    assert bar.segments == (
        Segment("used", "0.0%", "10.0%"),
        Segment("pause", "10.0%", "20.0%"),
        Segment("used", "30.0%", "20.0%"),
    )
    assert bar.note == "40 min paused"
    assert bar.label == "38 percent used, paused for 40 minutes, due 15:20 UTC"


def test_while_paused_what_remains_stands_in_for_the_due_time() -> None:
    bar = sla_bar(OPENED, None, at(60), [(at(30), None)], remaining=timedelta(minutes=60))
    assert (bar.tone, bar.left, bar.due, bar.detail) == ("paused", "1 h left", None, "")
    assert bar.segments == (Segment("used", "0.0%", "25.0%"), Segment("pause", "25.0%", "25.0%"))


def test_a_broken_promise_is_full_and_says_how_late() -> None:
    bar = sla_bar(OPENED, at(60), at(240), warn_at=at(45))
    assert (bar.tone, bar.left, bar.label) == ("late", "3 h late", "3 hours late")
    assert bar.segments == (Segment("used", "0.0%", "100.0%"),)
    assert bar.due == at(60)


def test_a_kept_promise_says_in_what_time_without_pauses() -> None:
    bar = sla_bar(OPENED, at(120), at(500), [(at(10), at(20))], met_at=at(48))
    assert (bar.tone, bar.left, bar.due) == ("met", "met in 38 min", None)
    assert bar.label == "met with 1 hour 12 minutes to spare"


def test_a_promise_kept_too_late_stays_late_and_stops_counting() -> None:
    bar = sla_bar(OPENED, at(60), at(500), met_at=at(72))
    assert (bar.tone, bar.left, bar.due) == ("late", "12 min late", None)


def test_overlapping_pauses_count_once_and_what_lies_outside_is_cut() -> None:
    bar = sla_bar(OPENED, at(100), at(50), [(at(-30), at(10)), (at(5), at(20)), (at(70), at(80))])
    assert bar.segments == (Segment("pause", "0.0%", "20.0%"), Segment("used", "20.0%", "30.0%"))


def test_a_promise_due_at_once_is_full() -> None:
    assert sla_bar(OPENED, OPENED, at(1)).segments == ()
    assert sla_bar(OPENED, OPENED, at(1)).tone == "late"


def test_a_promise_without_any_end_is_refused() -> None:
    with pytest.raises(ValueError, match="due time"):
        sla_bar(OPENED, None, at(1))
