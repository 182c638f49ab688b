"""What must hold for any rota, any zone, any night: the properties of the rota policy."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from core.zones import to_local, to_utc
from rotas.domain.coverage import coverage, handoffs, layer_shifts, who
from rotas.domain.grid import grid_of, turn_at
from rotas.types import Layer, Override
from tests.rotas.rotas_for_tests import PROPERTY, layers, overrides, people, rotas, windows
from tests.rotas.slow_rota import on_layer, slow_who

SPAN = timedelta(days=4)
MINUTE = timedelta(minutes=1)
somebody = st.lists(st.tuples(people), min_size=1, max_size=4).map(tuple)


def window(near):
    return near - SPAN, near + SPAN


def cut(shifts, at):
    """The shifts with a seam at an instant."""
    result = []
    for shift in shifts:
        if shift.start < at < shift.end:
            result += [replace(shift, end=at), replace(shift, start=at)]
        else:
            result.append(shift)
    return result


def within(shifts, start, end):
    return [
        replace(s, start=max(s.start, start), end=min(s.end, end))
        for s in shifts
        if s.start < end and s.end > start
    ]


def people_by_minute(shifts, minutes):
    return [next(s.people for s in shifts if s.start <= at < s.end) for at in minutes]


@PROPERTY
@given(rotas(), st.lists(st.integers(-5760, 5759), max_size=6))
def test_the_schedule_is_what_the_policy_says_minute_by_minute(rota, offsets):
    near, stack, changes = rota
    shifts = coverage(stack, changes, *window(near))
    edges = [s.start for s in shifts[:12]] + [s.end - MINUTE for s in shifts[:12]]
    for at in {*edges, *(near + n * MINUTE for n in offsets)}:
        shift = next(s for s in shifts if s.start <= at < s.end)
        assert (shift.people, shift.layer) == slow_who(stack, changes, at)


@PROPERTY
@given(rotas(), st.integers(-5760, 5759))
def test_a_point_query_is_the_expansion_at_that_instant(rota, offset):
    near, stack, changes = rota
    at = near + offset * MINUTE
    found = who(stack, changes, at)
    expanded = next(s for s in coverage(stack, changes, *window(near)) if s.start <= at < s.end)
    assert within([found], *window(near)) == [expanded]


@PROPERTY
@given(rotas())
def test_the_schedule_has_no_gap_and_no_overlap(rota):
    near, stack, changes = rota
    shifts = coverage(stack, changes, *window(near))
    start, end = window(near)
    assert (shifts[0].start, shifts[-1].end) == (start, end)
    assert all(one.end == two.start for one, two in pairwise(shifts))
    assert all(s.start < s.end for s in shifts)


@PROPERTY
@given(st.data(), rotas())
def test_a_layer_around_the_clock_leaves_no_minute_open(data, rota):
    near, _, _ = rota
    layer = replace(data.draw(layers(near, groups=somebody)), windows=(), starts=None, ends=None)
    start, end = window(near)
    shifts = layer_shifts(layer, start, end)
    assert sum((s.end - s.start for s in shifts), timedelta(0)) == end - start
    assert shifts == coverage([layer], [], start, end)


@PROPERTY
@given(st.data(), rotas())
def test_turns_begin_at_the_same_wall_clock_time_but_in_gaps(data, rota):
    near, _, _ = rota
    layer = replace(data.draw(layers(near, groups=somebody)), windows=(), starts=None, ends=None)
    assume(layer.unit != "hourly")
    for at in handoffs(layer, near - 8 * SPAN, near + 8 * SPAN):
        shown = to_local(at, layer.zone)
        if shown.time() != layer.anchor.time():
            meant = shown.replace(hour=layer.anchor.hour, minute=layer.anchor.minute)
            days = (meant - timedelta(days=1), meant)
            assert at in [to_utc(day, layer.zone) for day in days]
            assert all(
                to_local(to_utc(day, layer.zone), layer.zone) != day
                for day in days
                if to_utc(day, layer.zone) == at
            )


@PROPERTY
@given(rotas(), st.integers(-5000, 5000))
def test_a_window_can_be_expanded_in_two_parts(rota, offset):
    near, stack, changes = rota
    start, end = window(near)
    middle = near + offset * MINUTE
    parts = coverage(stack, changes, start, middle) + coverage(stack, changes, middle, end)
    assert cut(coverage(stack, changes, start, end), middle) == parts


@PROPERTY
@given(st.data(), rotas())
def test_an_override_changes_nothing_outside_its_window(data, rota):
    near, stack, changes = rota
    more = data.draw(overrides(near, key=9))
    assume(more.start < more.end)
    start, end = window(near)
    before, after = coverage(stack, changes, start, end), coverage(stack, [*changes, more], start, end)
    for low, high in ((start, more.start), (more.end, end)):
        assert within(before, low, high) == within(after, low, high)


@PROPERTY
@given(rotas(), people, people)
def test_a_swap_and_the_swap_back_leave_the_people_as_they_were(rota, one, two):
    near, stack, _ = rota
    start, end = window(near)
    assume(one != two)
    plain = coverage(stack, [], start, end)
    # who is on together with A must not be B: they would become one person
    swaps = [Override(1, start, end, (two,), (one,)), Override(2, start, end, (one,), (two,))]
    swapped = coverage(stack, swaps, start, end)
    for at in [s.start for s in plain]:
        before, after = people_by_minute(plain, [at])[0], people_by_minute(swapped, [at])[0]
        if two not in before:
            assert after == before


@PROPERTY
@given(st.data(), rotas(), st.integers(1, 4), st.integers(1, 3))
def test_turns_are_dealt_out_equally_over_open_days(data, rota, size, rounds):
    near, _, _ = rota
    layer = Layer(
        key=1,
        priority=0,
        zone="Africa/Nairobi",
        unit=data.draw(st.sampled_from(("hourly", "daily"))),
        length=data.draw(st.integers(1, 3)),
        anchor=to_local(near, "Africa/Nairobi").replace(hour=0, minute=0),
        turns="anchor",
        groups=tuple((n,) for n in range(size)),
        windows=(data.draw(windows),),
    )
    grid = grid_of(layer)
    begin = grid.instant(0)
    turns = [number for _, _, number in grid.turns(begin, begin + 86_400 * 270)]
    assert all(two == one + 1 for one, two in pairwise(turns))
    first = [number % size for number in turns[: size * rounds]]
    assert [first.count(n) for n in range(size)] == [rounds] * size


@PROPERTY
@given(st.data(), rotas())
def test_an_empty_layer_never_masks_a_lower_one(data, rota):
    near, stack, changes = rota
    empty = replace(
        data.draw(layers(near, key=9)), priority=99, groups=data.draw(st.sampled_from(((), ((),), ((), ()))))
    )
    assert coverage([empty, *stack], changes, *window(near)) == coverage(stack, changes, *window(near))


@PROPERTY
@given(rotas())
def test_the_same_rota_expands_to_the_same_bytes(rota):
    near, stack, changes = rota
    first = repr(coverage(stack, changes, *window(near)))
    grid_of.cache_clear()
    assert repr(coverage(stack[::-1], changes[::-1], *window(near))) == first


@PROPERTY
@given(st.data(), rotas())
def test_the_shifts_of_a_layer_are_the_layer_by_itself(data, rota):
    near, _, _ = rota
    layer = data.draw(layers(near))
    start, end = window(near)
    shifts = layer_shifts(layer, start, end)
    assert all(one.end <= two.start for one, two in pairwise(shifts))
    assert all(start <= s.start < s.end <= end and s.people for s in shifts)
    assert [s for s in coverage([layer], [], start, end) if s.people] == shifts
    for at in (near, *(s.start for s in shifts[:5])):
        found = next((s.people for s in shifts if s.start <= at < s.end), ())
        assert found == on_layer(layer, at)


@PROPERTY
@given(st.data(), rotas())
def test_handoffs_are_where_turns_begin(data, rota):
    near, _, _ = rota
    layer = replace(data.draw(layers(near)), starts=None, ends=None)
    times = handoffs(layer, *window(near))
    assert times == sorted(set(times))
    for at in times[:10]:
        start, end, number = turn_at(layer, at)
        assert start == at < end
        assert turn_at(layer, at - MINUTE)[2] < number
