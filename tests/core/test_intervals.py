from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from core.intervals import Interval, clip, intersect, subtract, total, union

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PROPERTY = settings(derandomize=True, database=None, deadline=None, max_examples=200)


def span(start, end):
    return Interval(NOON + timedelta(minutes=start), NOON + timedelta(minutes=end))


def minutes(intervals):
    return {m for m in range(-10, 70) for i in intervals if NOON + timedelta(minutes=m) in i}


spans = st.lists(st.builds(span, st.integers(0, 60), st.integers(0, 60)), max_size=8)


def test_touching_intervals_become_one():
    assert union([span(5, 10), span(0, 5)]) == [span(0, 10)]


def test_an_empty_interval_covers_nothing():
    assert union([span(5, 5), span(9, 3)]) == []
    assert span(9, 3).length == timedelta(0)
    assert NOON not in span(0, 0)


def test_the_end_is_not_within():
    assert (NOON in span(0, 5), NOON + timedelta(minutes=5) in span(0, 5)) == (True, False)


def test_a_hole_cuts_in_two():
    assert subtract([span(0, 30)], [span(10, 20)]) == [span(0, 10), span(20, 30)]


def test_what_is_covered_twice_counts_once():
    assert total([span(0, 10), span(5, 20)]) == timedelta(minutes=20)


def test_clip_keeps_the_parts_within_a_window():
    assert clip([span(0, 10), span(20, 30)], span(5, 25).start, span(5, 25).end) == [
        span(5, 10),
        span(20, 25),
    ]


def test_an_interval_unpacks():
    start, end = span(1, 2)
    assert (start, end) == (span(1, 2).start, span(1, 2).end)


@PROPERTY
@given(spans, spans)
def test_operations_are_those_of_sets_of_minutes(a, b):
    assert minutes(union(a)) == minutes(a)
    assert minutes(intersect(a, b)) == minutes(a) & minutes(b)
    assert minutes(subtract(a, b)) == minutes(a) - minutes(b)
    assert total(a) == timedelta(minutes=len(minutes(a)))


@PROPERTY
@given(spans, spans)
def test_results_are_sorted_disjoint_and_not_empty(a, b):
    for result in (union(a), intersect(a, b), subtract(a, b)):
        assert all(i.start < i.end for i in result)
        assert all(one.end <= two.start for one, two in pairwise(result))
