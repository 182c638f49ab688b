"""Where too few are on call: needs by hour, skills, leave."""

from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rotas.domain.needs import Need, always, shortages
from rotas.types import Shift, Window

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
OFFICE = Window(frozenset(range(5)), time(8), time(18))


def shift(start, end, *people) -> Shift:
    return Shift(START + start * HOUR, START + end * HOUR, people, 1 if people else None, None)


def said(found) -> list[tuple]:
    return [((s.start - START) / HOUR, (s.end - START) / HOUR, s.have, s.wanted, s.away) for s in found]


def test_one_is_needed_always_where_nothing_is_said():
    found = shortages([shift(0, 5, 1), shift(5, 7), shift(7, 24, 2)], [always("UTC")])
    assert said(found) == [(5, 7, 0, 1, ())]
    assert found[0].is_gap


def test_two_in_office_hours_on_the_rota_s_clock():
    need = Need(2, "Africa/Nairobi", OFFICE)
    found = shortages([shift(0, 7, 1), shift(7, 48, 1, 2)], [need])
    # 08:00 in Nairobi is 05:00 UTC
    assert said(found) == [(5, 7, 1, 2, ())]


def test_a_weekend_needs_nobody_in_office_hours():
    assert shortages([shift(5 * 24, 7 * 24)], [Need(1, "UTC", OFFICE)]) == []


def test_hours_past_midnight():
    need = Need(1, "UTC", Window(frozenset({0}), time(22), time(6)))
    assert said(shortages([shift(0, 48)], [need])) == [(22, 30, 0, 1, ())]


def test_who_is_on_leave_does_not_count():
    found = shortages([shift(0, 10, 1)], [always("UTC")], leaves={1: [(START + 3 * HOUR, START + 5 * HOUR)]})
    assert said(found) == [(3, 5, 0, 1, (1,))]
    assert found[0].on_call == (1,)


def test_of_two_one_may_be_away():
    leaves = {1: [(START - HOUR, START + 5 * HOUR)]}
    assert shortages([shift(0, 10, 1, 2)], [always("UTC")], leaves=leaves) == []


def test_a_skill_is_counted_by_itself():
    spark = Need(1, "UTC", OFFICE, skill=7)
    shifts = [shift(8, 12, 1), shift(12, 18, 2)]
    assert said(shortages(shifts, [spark], skilled={7: {2}})) == [(8, 12, 0, 1, ())]
    assert len(shortages(shifts, [spark])) == 2


def test_neighbours_of_the_same_people_are_one():
    assert said(shortages([shift(0, 3), shift(3, 9)], [always("UTC")])) == [(0, 9, 0, 1, ())]


hours = st.integers(1, 30)
crews = st.lists(st.integers(1, 4), max_size=3, unique=True).map(tuple)


@given(
    st.lists(st.tuples(hours, crews), min_size=1, max_size=8),
    st.integers(1, 3),
    st.lists(st.tuples(hours, hours), max_size=3),
)
def test_hour_by_hour_it_is_what_counting_says(tiles, wanted, away):
    at, shifts = 0, []
    for length, people in tiles:
        shifts.append(shift(at, at + length, *people))
        at += length
    leaves = {1: sorted((START + a * HOUR, START + (a + b) * HOUR) for a, b in away[:1])}
    found = shortages(shifts, [Need(wanted, "UTC", OFFICE)], leaves=leaves)
    for hour in range(at):
        moment = START + hour * HOUR
        here = next(s for s in shifts if s.start <= moment < s.end)
        gone = {key for key, those in leaves.items() if any(low <= moment < high for low, high in those)}
        needed = moment.weekday() < 5 and 8 <= moment.hour < 18
        short = [s for s in found if s.start <= moment < s.end]
        assert bool(short) == (needed and len(set(here.people) - gone) < wanted)
        assert len(short) <= 1
        for each in short:
            assert (each.have, each.on_call) == (len(set(here.people) - gone), here.people)
