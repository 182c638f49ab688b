"""The fast calendar against one that looks at every second or minute, over many zones and nights."""

from datetime import timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.calendars import BusinessHours, NeverOpen, add, elapsed, explain, is_open, next_open, subtract
from core.intervals import Interval
from tests.core.slow_calendar import SlowCalendar
from tests.core.zones_for_tests import instants, zones

DAY = 86_400
PROPERTY = settings(derandomize=True, database=None, deadline=None, max_examples=60)
MARGIN = timedelta(days=3)


@st.composite
def day_frames(draw, step):
    edges = draw(st.lists(st.integers(0, DAY // step), max_size=6, unique=True).map(sorted))
    return tuple((a * step, b * step) for a, b in zip(edges[::2], edges[1::2], strict=False))


@st.composite
def situations(draw, step):
    """Hours, a start, pauses near it."""
    start = draw(instants(step))
    near = [(start + timedelta(days=n)).date() for n in (-1, 0, 1)]
    frames = st.one_of(day_frames(step), day_frames(step), st.just(((0, DAY),)))
    week = draw(st.lists(frames, min_size=7, max_size=7))
    hours = BusinessHours(
        draw(zones),
        tuple(week),
        frozenset(draw(st.lists(st.sampled_from(near), max_size=1))),
        tuple(draw(st.dictionaries(st.sampled_from(near), day_frames(step), max_size=1)).items()),
    )
    offsets = st.integers(-40 * 3600 // step, 40 * 3600 // step)
    pairs = draw(st.lists(st.tuples(offsets, offsets), max_size=3))
    pauses = [
        Interval(start + timedelta(seconds=a * step), start + timedelta(seconds=b * step)) for a, b in pairs
    ]
    return hours, start, pauses


def agree_on_adding(hours, start, pauses, amount, step, margin):
    slow = SlowCalendar(hours, start - margin, start + margin, step, pauses)
    forward, back = slow.add(start, amount), slow.subtract(start, amount)
    if forward is not None:
        assert add(hours, start, amount, pauses) == forward
    if back is not None and amount:
        assert add(hours, start, -amount, pauses) == back
        assert subtract(hours, start, amount, pauses) == back


@PROPERTY
@given(situations(60), st.integers(0, 36 * 60))
def test_due_times_agree_with_walking_minute_by_minute(situation, minutes):
    hours, start, pauses = situation
    agree_on_adding(hours, start, pauses, minutes * 60, 60, MARGIN)


@settings(PROPERTY, max_examples=20)
@given(situations(1), st.integers(0, 4 * 3600))
def test_due_times_agree_with_walking_second_by_second(situation, amount):
    hours, start, pauses = situation
    agree_on_adding(hours, start, pauses, amount, 1, timedelta(hours=4))


@PROPERTY
@given(situations(60), st.integers(-60, 70 * 60))
def test_elapsed_time_agrees_with_counting_minutes(situation, minutes):
    hours, start, pauses = situation
    end = start + timedelta(minutes=minutes)
    slow = SlowCalendar(hours, start - timedelta(hours=2), start + MARGIN, 60, pauses)
    assert elapsed(hours, start, end, pauses) == (slow.elapsed(start, end) if end > start else 0)


@settings(PROPERTY, max_examples=20)
@given(situations(1), st.integers(0, 4 * 3600))
def test_elapsed_time_agrees_with_counting_seconds(situation, amount):
    hours, start, pauses = situation
    end = start + timedelta(seconds=amount)
    assert elapsed(hours, start, end, pauses) == SlowCalendar(
        hours, start, start + timedelta(hours=4), 1, pauses
    ).elapsed(start, end)


@PROPERTY
@given(situations(60), st.integers(0, 48 * 60))
def test_open_and_next_open_agree_with_looking(situation, minutes):
    hours, start, _ = situation
    at = start + timedelta(minutes=minutes)
    slow = SlowCalendar(hours, at, at + MARGIN, 60)
    assert is_open(hours, at) == slow.running[0]
    if any(slow.running):
        assert next_open(hours, at) == slow.add(at, 0)


@PROPERTY
@given(situations(1), st.integers(1, 10**6))
def test_what_was_added_has_elapsed(situation, amount):
    hours, start, pauses = situation
    assume(any(hours.weekly))
    due = add(hours, start, amount, pauses)
    assert due > start
    assert elapsed(hours, start, due, pauses) == amount
    assert elapsed(hours, start, due - timedelta(seconds=1), pauses) == amount - 1


@PROPERTY
@given(situations(1), st.integers(1, 10**6))
def test_what_was_taken_back_lies_between(situation, amount):
    hours, start, pauses = situation
    assume(any(hours.weekly))
    before = subtract(hours, start, amount, pauses)
    assert elapsed(hours, before, start, pauses) == amount
    assert elapsed(hours, before + timedelta(seconds=1), start, pauses) == amount - 1


@PROPERTY
@given(situations(1), st.integers(0, 10**6), st.integers(0, 10**6))
def test_elapsed_time_adds_up_over_any_cut(situation, first, second):
    hours, start, pauses = situation
    middle, end = start + timedelta(seconds=first), start + timedelta(seconds=first + second)
    whole = elapsed(hours, start, end, pauses)
    assert elapsed(hours, start, middle, pauses) + elapsed(hours, middle, end, pauses) == whole


@PROPERTY
@given(situations(1), st.integers(0, 10**6), st.integers(0, 10**6))
def test_more_time_is_never_due_earlier(situation, amount, more):
    hours, start, pauses = situation
    assume(any(hours.weekly) and amount)
    assert add(hours, start, amount, pauses) <= add(hours, start, amount + more, pauses)


@PROPERTY
@given(situations(1), st.integers(1, 10**6))
def test_each_second_more_is_due_at_least_a_second_later(situation, amount):
    hours, start, pauses = situation
    assume(any(hours.weekly))
    due, next_due = (add(hours, start, amount + more, pauses) for more in (0, 1))
    assert next_due > due
    assert elapsed(hours, due, next_due, pauses) == 1


@PROPERTY
@given(situations(1), st.integers(1, 10**6))
def test_from_a_moment_that_counts_adding_and_taking_back_is_the_way_home(situation, amount):
    hours, near, pauses = situation
    assume(any(hours.weekly))
    start = add(hours, near, 0, pauses)
    assert subtract(hours, add(hours, start, amount, pauses), amount, pauses) == start


@PROPERTY
@given(situations(1), st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_pauses_count_as_their_union_in_any_order(situation, amount, random):
    hours, start, pauses = situation
    assume(any(hours.weekly))
    end = start + timedelta(seconds=amount)
    shuffled = [*pauses, *(Interval(each.start, each.start + (each.end - each.start) / 2) for each in pauses)]
    random.shuffle(shuffled)
    one = union(pauses)
    assert elapsed(hours, start, end, shuffled) == elapsed(hours, start, end, one)
    assert add(hours, start, amount, shuffled) == add(hours, start, amount, one)
    assert explain(hours, start, end, shuffled) == explain(hours, start, end, one)


def union(pauses):
    """Disjoint and sorted, found by hand."""
    found = []
    for pause in sorted(each for each in pauses if each.start < each.end):
        if found and pause.start <= found[-1].end:
            found[-1] = Interval(found[-1].start, max(found[-1].end, pause.end))
        else:
            found.append(pause)
    return found


@PROPERTY
@given(situations(60), st.integers(0, 70 * 60))
def test_an_explanation_says_of_each_minute_what_looking_says(situation, minutes):
    hours, start, pauses = situation
    end = start + timedelta(minutes=minutes)
    frames = explain(hours, start, end, pauses)
    opened = SlowCalendar(hours, start, end, 60)
    running = SlowCalendar(hours, start, end, 60, pauses)
    said = {"open": set(), "pause": set()}
    for frame in frames:
        first, last = ((edge - start) // timedelta(minutes=1) for edge in (frame.start, frame.end))
        said[frame.kind].update(range(first, last))
    assert said["open"] == {n for n, counts in enumerate(running.running) if counts}
    assert said["pause"] == {n for n, counts in enumerate(opened.running) if counts} - said["open"]


@PROPERTY
@given(situations(1), st.integers(0, 10**6))
def test_an_explanation_adds_up_and_lies_in_order(situation, amount):
    hours, start, pauses = situation
    end = start + timedelta(seconds=amount)
    frames = explain(hours, start, end, pauses)
    assert sum(f.seconds for f in frames if f.kind == "open") == elapsed(hours, start, end, pauses)
    assert sum(f.seconds for f in frames) == elapsed(hours, start, end)
    assert all(f.seconds == (f.end - f.start).total_seconds() > 0 for f in frames)
    edges = [edge for f in frames for edge in (f.start, f.end)]
    assert edges == sorted(edges)
    assert all(start <= edge <= end for edge in edges)


@PROPERTY
@given(situations(60))
def test_a_calendar_that_never_opens_says_so(situation):
    hours, start, _ = situation
    closed = BusinessHours(hours.zone, ((),) * 7)
    for amount in (0, 1, -1):
        try:
            found = add(closed, start, amount)
        except NeverOpen:
            continue
        raise AssertionError(found)
    assert elapsed(closed, start, start + MARGIN) == 0
