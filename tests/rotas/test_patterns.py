"""Dated patterns: from a day on this is the rota, and what was before stays; holidays, nobody's turns, weeks off."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from core.errors import IllegalState, Invalid
from core.types import SYSTEM
from rotas.domain.difference import difference
from rotas.domain.patterns import (
    PlannedLayer,
    PlannedWindow,
    as_types,
    begin_pattern,
    pattern_at,
    undo_pattern,
)
from rotas.models import Rota
from rotas.queries.oncall import final, on_call, plans
from tests import make
from tests.make import NOW
from tests.rotas.make import DAY, HOUR, layer, override, rota

pytestmark = pytest.mark.django_db
MIDNIGHT = NOW.replace(hour=0)


def planned(*people, **fields) -> PlannedLayer:
    values = {
        "name": "All",
        "zone": "UTC",
        "anchor": datetime(2026, 3, 4),
        "unit": "daily",
        "turns": tuple((person.pk,) if person else () for person in people),
        **fields,
    }
    return PlannedLayer(**values)


def names(made: Rota, day: int, hour: int = 12) -> list[str]:
    return [str(user) for user in on_call(made, MIDNIGHT + day * DAY + hour * HOUR)]


def begin(made, *layers, at, **fields):
    return begin_pattern(made, layers, starts_at=at, actor=SYSTEM, now=NOW, **fields)


def test_from_a_day_on_another_pattern_holds_and_what_was_stays(amina, brian):
    made = rota(amina)
    begin(made, planned(brian), at=MIDNIGHT + 3 * DAY + 9 * HOUR, note="Brian joins")
    assert [names(made, day) for day in (-30, 2, 3, 30)] == [["Amina"], ["Amina"], ["Brian"], ["Brian"]]
    assert names(made, 3, hour=8) == ["Amina"]


def test_the_pattern_that_began_last_holds(amina, brian):
    made = rota(amina)
    begin(made, planned(brian), at=MIDNIGHT + 10 * DAY)
    begin(made, planned(amina, brian), at=MIDNIGHT + 5 * DAY)
    days = [names(made, day)[0] for day in range(4, 12)]
    assert days == ["Amina", "Brian", "Amina", "Brian", "Amina", "Brian", "Brian", "Brian"]


def test_one_to_come_that_is_undone_counts_for_nothing(amina, brian):
    made = rota(amina)
    version = begin(made, planned(brian), at=MIDNIGHT + 3 * DAY)
    assert undo_pattern(version, actor=SYSTEM, now=NOW) is None
    assert names(made, 30) == ["Amina"]
    with pytest.raises(IllegalState, match="already"):
        undo_pattern(version, actor=SYSTEM, now=NOW)


def test_one_that_holds_is_undone_by_what_was_before_as_a_new_pattern(amina, brian):
    made = rota(amina)
    version = begin(made, planned(brian), at=NOW + HOUR)
    later = NOW + 5 * DAY
    back = undo_pattern(version, actor=SYSTEM, now=later)
    assert (back.starts_at, back.note) == (later, "Back to what was before 2026-03-04")
    assert [names(made, day) for day in (0, 4, 6)] == [["Brian"], ["Brian"], ["Amina"]]
    with pytest.raises(IllegalState, match="Another pattern has followed"):
        undo_pattern(version, actor=SYSTEM, now=later + DAY)


def test_the_first_pattern_has_none_to_go_back_to(amina):
    made = rota()
    version = begin(made, planned(amina), at=NOW)
    with pytest.raises(IllegalState, match="no pattern before"):
        undo_pattern(version, actor=SYSTEM, now=NOW + DAY)


def test_a_pattern_is_read_as_it_was_written(amina, brian):
    made, site = rota(amina), make.site()
    wanted = planned(
        amina,
        None,
        brian,
        name="Nights",
        site_id=site.pk,
        zone="Asia/Kathmandu",
        anchor=datetime(2026, 3, 4, 20, 45),
        unit="weekly",
        length=2,
        counted="calendar",
        count_closed=True,
        every_other=True,
        windows=(PlannedWindow((0, 1, 6), time(20, 45), time(4, 45)),),
        priority=3,
    )
    begin(made, wanted, planned(amina), at=NOW + DAY)
    assert pattern_at(made, NOW + DAY) == [wanted, planned(amina)]
    assert [each.name for each in pattern_at(made, NOW)] == ["Layer"]


def test_a_preview_is_what_is_stored_later(amina, brian):
    made = rota(amina)
    layers = (
        planned(amina, brian, priority=1, windows=(PlannedWindow((0, 1, 2, 3, 4), time(22), time(6)),)),
        planned(brian, None, unit="weekly"),
    )
    at = NOW + 2 * DAY
    from rotas.domain.coverage import coverage  # noqa: PLC0415

    seen = [(s.start, s.end, s.people) for s in coverage(as_types(layers), (), at, at + 60 * DAY)]
    begin(made, *layers, at=at)
    stored = [
        (s.start, s.end, s.people) for s in plans([made], at, at + 60 * DAY)[0].shifts(at, at + 60 * DAY)
    ]
    assert seen == stored


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"name": " "}, "0.name", "Give the layer a name"),
        ({"zone": "Africa/Atlantis"}, "0.zone", "Africa/Atlantis"),
        ({"turns": ()}, "0.turns", "names nobody"),
        ({"turns": ((), ())}, "0.turns", "names nobody"),
        ({"turns": ((1, 1),)}, "0.turns", "twice"),
        ({"turns": ((999_999,),)}, "0.turns", "can't be on call"),
        ({"length": 0}, "0.length", "from 1 to 366"),
        ({"unit": "yearly"}, "0.unit", "hours, days, weeks or months"),
        ({"anchor": datetime(2026, 3, 4, tzinfo=UTC)}, "0.anchor", "without a zone"),
        ({"windows": (PlannedWindow((), time(1), time(2)),)}, "0.windows", "weekdays"),
        ({"windows": (PlannedWindow((7,), time(1), time(2)),)}, "0.windows", "weekdays"),
        ({"site_id": 999_999}, "0.site", "one of the sites"),
        ({"starts_at": NOW, "ends_at": NOW}, "0.ends_at", "before it starts"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_place(amina, change, field, words):
    made = rota(amina)
    with pytest.raises(Invalid, match=words) as refused:
        begin(made, replace(planned(amina), **change), at=NOW)
    assert field in refused.value.fields
    assert not made.versions.exists()


def test_a_pattern_of_nothing_is_refused(amina):
    with pytest.raises(Invalid, match="at least one layer"):
        begin(rota(amina), at=NOW)


def test_somebody_who_left_is_refused_by_name(amina, brian):
    brian.is_active = False
    brian.save()
    with pytest.raises(Invalid, match="Brian can't be on call"):
        begin(rota(amina), planned(brian), at=NOW)


def test_history_is_not_planned_and_two_patterns_never_begin_at_once(amina):
    made = rota(amina)
    with pytest.raises(Invalid, match="what was, stays"):
        begin(made, planned(amina), at=NOW - HOUR)
    assert begin(made, planned(amina), at=NOW - timedelta(minutes=1)).starts_at == NOW
    with pytest.raises(IllegalState, match="at that very time"):
        begin(made, planned(amina), at=NOW)


def test_a_turn_of_nobody_is_filled_by_a_lower_layer(amina, brian):
    made = rota()
    begin(made, planned(amina, None, priority=1), planned(brian), at=MIDNIGHT + DAY)
    assert [names(made, day)[0] for day in (1, 2, 3, 4)] == ["Brian", "Amina", "Brian", "Amina"]


def test_every_other_turn_is_off(amina, brian):
    made = rota()
    begin(made, planned(amina, brian, every_other=True, anchor=datetime(2026, 3, 5)), at=MIDNIGHT + DAY)
    assert [names(made, day) for day in range(1, 6)] == [["Amina"], [], ["Brian"], [], ["Amina"]]


def test_days_off_use_up_turns_only_where_asked(amina, brian):
    made, counting = rota(), rota()
    weekdays = (PlannedWindow((0, 1, 2, 3, 4), time(0), time(0)),)
    friday = datetime(2026, 3, 6)
    begin(made, planned(amina, brian, windows=weekdays, anchor=friday), at=MIDNIGHT + 2 * DAY)
    begin(
        counting,
        planned(amina, brian, windows=weekdays, anchor=friday, count_closed=True),
        at=MIDNIGHT + 2 * DAY,
    )
    assert [names(made, day) for day in (2, 5)] == [["Amina"], ["Brian"]]
    assert [names(counting, day) for day in (2, 5)] == [["Amina"], ["Brian"]]
    assert [names(each, 6) for each in (made, counting)] == [["Amina"], ["Amina"]]
    begin(
        counting,
        planned(amina, brian, brian, windows=weekdays, anchor=friday, count_closed=True),
        at=MIDNIGHT + 9 * DAY,
    )
    assert names(counting, 12) == ["Brian"]  # Monday: Saturday and Sunday were Brian's turns, or nobody's


JAMHURI = datetime(2026, 12, 12, 9, tzinfo=UTC)  # Kenya's Jamhuri day, a Saturday


@pytest.mark.parametrize(
    ("rule", "found"), [("cover", ["Amina"]), ("skip", ["Brian"]), ("named", ["Chege", "Dalia"])]
)
def test_a_public_holiday_at_the_layer_s_site_by_the_rota_s_rule(amina, brian, rule, found):
    kenya = make.site(country="KE", zone="Africa/Nairobi")
    chege, dalia = make.user(name="Chege"), make.user(name="Dalia")
    made = rota(holiday_rule=rule)
    made.holiday_people.set([chege, dalia])
    layer(made, amina, site=kenya, zone="Africa/Nairobi", priority=1)
    layer(made, brian, zone="UTC")
    assert [str(user) for user in on_call(made, JAMHURI)] == found
    assert [str(user) for user in on_call(made, JAMHURI + 3 * DAY)] == ["Amina"]
    # from midnight to midnight in the layer's zone
    edge = datetime(2026, 12, 11, 21, tzinfo=UTC)
    assert [str(user) for user in on_call(made, edge)] == found
    assert [str(user) for user in on_call(made, edge - timedelta(seconds=1))] == ["Amina"]


def test_a_layer_without_a_site_and_a_country_without_known_holidays_are_on_as_usual(amina, brian):
    made = rota(holiday_rule="skip")
    layer(made, amina, site=make.site(country="XX"), priority=1)
    layer(made, brian)
    assert [str(user) for user in on_call(made, JAMHURI)] == ["Amina"]


def test_for_an_event_somebody_takes_over_alone(amina, brian):
    made = rota(amina)
    row = override(made, NOW, NOW + HOUR, user=brian)
    row.takes_over = True
    row.save()
    assert [str(user) for user in on_call(made, NOW)] == ["Brian"]


def test_a_difference_says_who_gains_who_loses_and_what_opens(amina, brian):
    made = rota(amina)
    before = plans([made], MIDNIGHT, MIDNIGHT + 4 * DAY)[0].shifts(MIDNIGHT, MIDNIGHT + 4 * DAY)
    begin(made, planned(brian, None, anchor=datetime(2026, 3, 5)), at=MIDNIGHT + DAY)
    after = plans([made], MIDNIGHT, MIDNIGHT + 4 * DAY)[0].shifts(MIDNIGHT, MIDNIGHT + 4 * DAY)
    found = difference(before, after)
    assert found.hours == {amina.pk: (4 * DAY, DAY), brian.pk: (timedelta(), 2 * DAY)}
    assert [(each.start, each.end) for each in found.opened] == [(MIDNIGHT + 2 * DAY, MIDNIGHT + 3 * DAY)]
    assert found.closed == ()
    assert [(each.start - MIDNIGHT, each.before, each.after) for each in found.changes] == [
        (DAY, (amina.pk,), (brian.pk,)),
        (2 * DAY, (amina.pk,), ()),
        (3 * DAY, (amina.pk,), (brian.pk,)),
    ]
    assert not difference(before, before)


def test_reading_versions_and_holidays_takes_the_same_queries_for_one_rota_and_for_many(
    amina, brian, django_assert_num_queries
):
    rotas = [rota(amina, holiday_rule="named") for _ in range(3)]
    for each in rotas:
        each.holiday_people.add(brian)
        begin(each, planned(brian), at=NOW + DAY)
    for some in (rotas[:1], rotas):
        with django_assert_num_queries(4):
            plans(some, NOW, NOW + DAY)


def test_the_final_schedule_still_tiles_time(amina, brian):
    made = rota(amina)
    begin(made, planned(brian, None), at=NOW + DAY)
    tiles = final(made, NOW, NOW + 5 * DAY)
    assert [a.end for a in tiles[:-1]] == [b.start for b in tiles[1:]]
    assert (tiles[0].start, tiles[-1].end) == (NOW, NOW + 5 * DAY)
