from datetime import datetime, time, timedelta

from rotas.domain.coverage import coverage, layer_shifts, who
from rotas.types import Layer, Override, Shift, Window
from tests.core.slow_calendar import utc

ANNA, BEN, CHEN, DANA = 1, 2, 3, 4
MONDAY = utc(2026, 1, 5)


def layer(key=1, priority=0, groups=((ANNA,), (BEN,)), unit="weekly", zone="UTC", **more):
    return Layer(key, priority, zone, unit, 1, datetime(2026, 1, 5), "anchor", groups, **more)


def day(number, hour=0):
    return MONDAY + timedelta(days=number, hours=hour)


def test_nobody_at_all_is_one_gap():
    assert coverage([], [], day(0), day(7)) == [Shift(day(0), day(7), (), None, None)]
    assert coverage([layer(groups=())], [], day(0), day(7)) == [Shift(day(0), day(7), (), None, None)]


def test_an_empty_window_has_no_shifts():
    assert coverage([layer()], [], day(3), day(3)) == []
    assert layer_shifts(layer(), day(3), day(3)) == []


def test_turns_follow_one_another():
    assert layer_shifts(layer(), day(-7), day(14)) == [
        Shift(day(-7), day(0), (BEN,), 1, None),
        Shift(day(0), day(7), (ANNA,), 1, None),
        Shift(day(7), day(14), (BEN,), 1, None),
    ]


def test_hand_overs_stay_visible_when_one_person_holds_all_turns():
    assert layer_shifts(layer(groups=((ANNA,),)), day(0), day(14)) == [
        Shift(day(0), day(7), (ANNA,), 1, None),
        Shift(day(7), day(14), (ANNA,), 1, None),
    ]


def test_a_window_limits_the_layer_and_leaves_a_gap():
    office = layer(windows=(Window(frozenset({0}), time(9), time(17)),))
    assert coverage([office], [], day(0), day(1)) == [
        Shift(day(0), day(0, 9), (), None, None),
        Shift(day(0, 9), day(0, 17), (ANNA,), 1, None),
        Shift(day(0, 17), day(1), (), None, None),
    ]


def test_a_window_past_midnight_ends_the_next_morning():
    night = layer(windows=(Window(frozenset({0}), time(20), time(8)),))
    assert layer_shifts(night, day(0), day(7)) == [Shift(day(0, 20), day(1, 8), (ANNA,), 1, None)]


def test_a_window_from_eight_to_eight_lasts_a_day():
    whole = layer(windows=(Window(frozenset({0}), time(8), time(8)),))
    assert layer_shifts(whole, day(0), day(7)) == [Shift(day(0, 8), day(1, 8), (ANNA,), 1, None)]


def test_a_window_without_weekdays_is_never_open():
    assert layer_shifts(layer(windows=(Window(frozenset(), time(8), time(9)),)), day(0), day(7)) == []


def test_windows_of_another_zone_follow_its_clocks():
    chicago = layer(zone="America/Chicago", windows=(Window(frozenset({6}), time(1, 30), time(4)),))
    assert layer_shifts(chicago, utc(2026, 3, 8), utc(2026, 3, 9)) == [
        Shift(utc(2026, 3, 8, 7, 30), utc(2026, 3, 8, 9), (ANNA,), 1, None)
    ]


def test_the_higher_layer_wins_and_the_lower_fills():
    office = layer(2, 5, ((CHEN,),), windows=(Window(frozenset(range(5)), time(9), time(17)),))
    assert coverage([layer(), office], [], day(0), day(1)) == [
        Shift(day(0), day(0, 9), (ANNA,), 1, None),
        Shift(day(0, 9), day(0, 17), (CHEN,), 2, None),
        Shift(day(0, 17), day(1), (ANNA,), 1, None),
    ]


def test_an_empty_turn_of_the_higher_layer_lets_the_lower_one_show():
    sometimes = layer(2, 5, ((CHEN,), ()), unit="daily")
    assert [s.people for s in coverage([layer(), sometimes], [], day(0), day(3))] == [
        (CHEN,),
        (ANNA,),
        (CHEN,),
    ]


def test_layers_of_equal_priority_go_by_key():
    assert who([layer(2, 0, ((BEN,),)), layer(1, 0, ((ANNA,),))], [], day(0)).people == (ANNA,)


def test_a_layer_holds_only_from_start_to_end():
    short = layer(starts=day(1, 6), ends=day(2, 6))
    assert layer_shifts(short, day(0), day(7)) == [Shift(day(1, 6), day(2, 6), (ANNA,), 1, None)]


def test_several_people_are_on_at_once_in_order():
    assert who([layer(groups=((BEN, ANNA), (CHEN,)))], [], day(0)).people == (BEN, ANNA)


def test_an_added_person_stands_beside_whoever_is_on():
    add = Override(7, day(1), day(2), adds=(CHEN,))
    assert coverage([layer()], [add], day(0), day(3)) == [
        Shift(day(0), day(1), (ANNA,), 1, None),
        Shift(day(1), day(2), (ANNA, CHEN), 1, 7),
        Shift(day(2), day(3), (ANNA,), 1, None),
    ]


def test_an_added_person_fills_a_gap():
    assert coverage([], [Override(7, day(1), day(2), adds=(CHEN,))], day(1), day(2)) == [
        Shift(day(1), day(2), (CHEN,), None, 7)
    ]


def test_a_removed_person_leaves_a_gap_that_says_why():
    gone = Override(7, day(1), day(2), removes=(ANNA,))
    assert coverage([layer()], [gone], day(1), day(3)) == [
        Shift(day(1), day(2), (), 1, 7),
        Shift(day(2), day(3), (ANNA,), 1, None),
    ]


def test_a_replacement_steps_in_only_where_the_replaced_is_on():
    swap = Override(7, day(6), day(8), adds=(CHEN,), removes=(ANNA,))
    assert coverage([layer()], [swap], day(5), day(9)) == [
        Shift(day(5), day(6), (ANNA,), 1, None),
        Shift(day(6), day(7), (CHEN,), 1, 7),
        Shift(day(7), day(9), (BEN,), 1, None),
    ]


def test_a_replacement_takes_the_place_of_the_replaced():
    pair = layer(groups=((ANNA, BEN),))
    swap = Override(7, day(0), day(1), adds=(CHEN,), removes=(ANNA,))
    assert who([pair], [swap], day(0)).people == (CHEN, BEN)


def test_taking_over_replaces_everyone_and_fills_gaps():
    office = layer(groups=((ANNA, BEN),), windows=(Window(frozenset({0}), time(9), time(17)),))
    alone = Override(7, day(0), day(1), adds=(DANA,), replace_all=True)
    assert [s.people for s in coverage([office], [alone], day(0), day(1))] == [(DANA,)] * 3


def test_overrides_apply_in_order_of_key():
    first = Override(7, day(0), day(2), adds=(CHEN,), removes=(ANNA,))
    second = Override(8, day(1), day(3), adds=(DANA,), removes=(CHEN,))
    assert [(s.people, s.override) for s in coverage([layer()], [second, first], day(0), day(3))] == [
        ((CHEN,), 7),
        ((DANA,), 8),
        ((ANNA,), None),
    ]


def test_an_override_without_effect_leaves_no_cut():
    idle = Override(7, day(1), day(2), removes=(CHEN,))
    assert coverage([layer()], [idle], day(0), day(3)) == [Shift(day(0), day(3), (ANNA,), 1, None)]


def test_who_tells_the_whole_shift():
    assert who([layer()], [], day(3)) == Shift(day(0), day(7), (ANNA,), 1, None)
    quarter = Layer(1, 0, "UTC", "monthly", 3, datetime(2026, 1, 1), "calendar", ((ANNA,), (BEN,)))
    assert who([quarter], [], utc(2026, 5, 1)) == Shift(utc(2026, 4, 1), utc(2026, 7, 1), (BEN,), 1, None)


def test_who_in_an_endless_gap_looks_four_hundred_days_to_both_sides():
    assert who([], [], day(0)) == Shift(day(-400), day(400), (), None, None)


def test_the_hand_over_belongs_to_the_next():
    assert (who([layer()], [], day(7) - timedelta(seconds=1)).people, who([layer()], [], day(7)).people) == (
        (ANNA,),
        (BEN,),
    )


def test_three_sites_follow_the_sun_by_priority():
    sites = [
        layer(n, n, ((n,),), zone=zone, windows=(Window(frozenset(range(7)), time(7), time(15)),))
        for n, zone in enumerate(("Asia/Kathmandu", "Africa/Nairobi", "America/Bogota"), start=1)
    ]
    assert coverage(sites, [], day(0), day(1)) == [
        Shift(day(0), day(0, 1) + timedelta(minutes=15), (), None, None),
        Shift(day(0, 1) + timedelta(minutes=15), day(0, 4), (1,), 1, None),
        Shift(day(0, 4), day(0, 12), (2,), 2, None),
        Shift(day(0, 12), day(0, 20), (3,), 3, None),
        Shift(day(0, 20), day(1), (), None, None),
    ]
