"""From rows to who is on call."""

from datetime import UTC, datetime, timedelta

import pytest

from rotas.models import Rota
from rotas.queries.oncall import final, layers_of, on_call, who_now
from rotas.queries.policy import choose
from rotas.types import Window
from tests import make
from tests.make import NOW
from tests.rotas.make import DAY, HOUR, layer, override, policy, rota

pytestmark = pytest.mark.django_db


def test_turns_change_at_the_hand_over(amina, brian):
    made = rota(amina, brian)
    midnight = NOW.replace(hour=0)
    assert on_call(made, midnight) == [amina]
    assert on_call(made, midnight + DAY - timedelta(seconds=1)) == [amina]
    assert on_call(made, midnight + DAY) == [brian]


def test_a_layer_is_read_as_a_plain_value(amina, brian):
    made = rota()
    row = layer(
        made,
        amina,
        brian,
        hours=(20, 4),
        zone="Asia/Kathmandu",
        anchor=datetime(2026, 3, 1, 1, 15, tzinfo=UTC),
    )
    row.members.create(user=amina, turn=1)
    (value,) = layers_of(made)
    assert value.anchor == datetime(2026, 3, 1, 7, 0)
    assert value.groups == ((amina.pk,), (brian.pk, amina.pk))
    (window,) = value.windows
    assert window == Window(frozenset(range(7)), window.start, window.end)
    assert (window.start.hour, window.end.hour) == (20, 4)


def test_somebody_covers_somebody(amina, brian):
    made = rota(amina)
    override(made, NOW, NOW + HOUR, user=brian, replaces=amina)
    assert [on_call(made, NOW + HOUR * n) for n in (-1, 0, 1)] == [[amina], [brian], [amina]]


def test_somebody_is_added_and_somebody_is_away(amina, brian):
    made = rota(amina)
    override(made, NOW, NOW + HOUR, user=brian)
    override(made, NOW + HOUR, NOW + 2 * HOUR, replaces=amina)
    assert on_call(made, NOW) == [amina, brian]
    assert on_call(made, NOW + HOUR) == []


def test_a_deactivated_person_makes_way_for_the_layer_below(amina, brian):
    made = rota()
    layer(made, amina, priority=1)
    layer(made, brian)
    assert on_call(made, NOW) == [amina]
    amina.is_active = False
    amina.save()
    assert on_call(Rota.objects.get(pk=made.pk), NOW) == [brian]


def test_cover_by_a_deactivated_person_is_void(amina, brian):
    made = rota(amina)
    override(made, NOW, NOW + HOUR, user=brian, replaces=amina)
    brian.is_active = False
    brian.save()
    assert on_call(Rota.objects.get(pk=made.pk), NOW) == [amina]


def test_a_retired_rota_has_nobody(amina):
    assert on_call(rota(amina, is_active=False), NOW) == []


def test_the_final_schedule_says_gaps_and_where_a_shift_comes_from(amina, brian):
    made = rota()
    row = layer(made, amina, hours=(8, 12))
    cover = override(made, NOW, NOW + HOUR, user=brian, replaces=amina)
    start, end = NOW - HOUR, NOW + 5 * HOUR
    covers = [(c.start, c.end, c.users, c.layer_id, c.override_id) for c in final(made, start, end)]
    assert covers == [
        (start, NOW, (), None, None),
        (NOW, NOW + HOUR, (brian,), row.pk, cover.pk),
        (NOW + HOUR, NOW + 4 * HOUR, (amina,), row.pk, None),
        (NOW + 4 * HOUR, end, (), None, None),
    ]


def test_one_object_asked_twice_sees_the_overrides_of_each_window(amina, brian):
    made = rota(amina)
    override(made, NOW, NOW + HOUR, user=brian, replaces=amina)
    assert on_call(made, NOW - DAY) == [amina]
    assert on_call(made, NOW) == [brian]


def test_who_now_says_since_when_until_when_and_who_is_next(amina, brian):
    made = rota(amina, brian)
    (now,) = who_now(NOW)
    midnight = NOW.replace(hour=0)
    assert (now.rota, now.users, now.next_users) == (made, (amina,), (brian,))
    assert (now.since, now.until) == (midnight, midnight + DAY)


def test_a_hand_over_to_oneself_is_none(amina):
    rota(amina, amina)
    (now,) = who_now(NOW)
    assert (now.until, now.next_users) == (None, ())


def test_a_rota_without_layers_says_nobody():
    rota()
    (now,) = who_now(NOW)
    assert (now.users, now.until) == ((), None)


def test_who_now_takes_the_same_queries_for_many_rotas(amina, brian, django_assert_num_queries):
    for count in (1, 3):
        for _ in range(count):
            override(rota(amina, brian), NOW, NOW + HOUR, user=brian, replaces=amina)
        with django_assert_num_queries(4):
            found = who_now(NOW)
    assert len(found) == 4


def test_the_most_specific_policy_is_chosen(amina):
    service, other = make.service(), make.service()
    names = ["default", "any SEV1", "service", "service SEV1"]
    default, any_sev1, of_service, of_both = (policy(amina, name=name) for name in names)
    default.is_default = True
    default.save()
    assert choose(service, "SEV1") == default
    any_sev1.assignments.create(severity="SEV1")
    assert [choose(service, s) for s in ("SEV1", "SEV2")] == [any_sev1, default]
    of_service.assignments.create(service=service)
    assert [choose(service, s) for s in ("SEV1", "SEV2")] == [of_service, of_service]
    of_both.assignments.create(service=service, severity="SEV1")
    assert [choose(service, s) for s in ("SEV1", "SEV2")] == [of_both, of_service]
    assert [choose(other, s) for s in ("SEV1", "SEV2")] == [any_sev1, default]


def test_a_policy_switched_off_is_passed_over(amina):
    service = make.service()
    off = policy(amina, is_active=False)
    off.assignments.create(service=service)
    assert choose(service, "SEV1") is None
    default = policy(amina, is_default=True)
    assert choose(service, "SEV1") == default
