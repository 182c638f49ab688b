"""Cover that is written down: what is to come as it is worked out, what was as it was."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.types import SYSTEM
from rotas.domain import covering
from rotas.domain.overrides import add_override, remove_override
from rotas.models import Cover, LayerMember, Rota
from rotas.queries.cover import who_was, written
from rotas.queries.oncall import on_call
from tests.make import NOW
from tests.rotas.make import DAY, HOUR, MINUTE, layer, override, rota
from tests.rotas.test_patterns import begin, planned

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def derive(now=NOW) -> int:
    return covering.tick(now)


def was(made, at) -> list[str]:
    found = who_was(made, at)
    return [str(user) for user in found.users] if found else ["nothing written"]


def tiles(made) -> None:
    """The cover has neither gap nor overlap."""
    stretches = written(made, NOW - 1000 * DAY, NOW + 1000 * DAY)
    assert stretches
    assert [a.end for a in stretches[:-1]] == [b.start for b in stretches[1:]]


def test_who_is_on_call_is_written_down_with_why_for_months_ahead(amina, brian):
    made = rota(amina, brian, name="Nights")
    assert derive() == 1
    tiles(made)
    for at in (NOW, NOW + 17 * HOUR, NOW + 90 * DAY):
        assert was(made, at) == [str(user) for user in on_call(made, at)]
    assert who_was(made, NOW).why == "layer Layer"
    made.refresh_from_db()
    assert (made.covered_until, made.cover_at) == (NOW + covering.HORIZON, NOW + covering.AGAIN)


def test_the_first_time_the_past_is_written_too(amina):
    made = rota()
    layer(made, amina, anchor=NOW - 30 * DAY)
    derive()
    assert was(made, NOW - 29 * DAY) == ["Amina"]
    assert was(made, NOW - 31 * DAY) == ["nothing written"]


def test_nothing_is_done_twice(amina):
    rota(amina)
    derive()
    keys = set(Cover.objects.values_list("pk", flat=True))
    assert derive(NOW + MINUTE) == 0
    assert derive(NOW + covering.AGAIN) == 1
    again = set(Cover.objects.values_list("pk", flat=True))
    # only the end of the horizon moved
    assert len(keys - again) <= 1


def test_what_was_stays_whatever_becomes_of_the_layer(amina, brian):
    made = rota(amina)
    derive()
    LayerMember.objects.update(user=brian)
    covering.touch([made.pk], NOW + 2 * DAY, NOW + 2 * DAY)
    derive(NOW + 2 * DAY)
    tiles(made)
    assert [was(made, NOW + day * DAY) for day in (0, 1, 2, 3)] == [
        ["Amina"],
        ["Amina"],
        ["Brian"],
        ["Brian"],
    ]
    # even where the layer is gone
    made.layers.all().delete()
    covering.touch([made.pk], NOW + 4 * DAY, NOW + 4 * DAY)
    derive(NOW + 4 * DAY)
    tiles(made)
    assert [was(made, NOW + day * DAY) for day in (1, 3, 5)] == [["Amina"], ["Brian"], []]


def test_a_change_counts_from_its_own_instant_however_late_the_tick(amina, brian):
    made = rota(amina)
    derive()
    add_override(
        made, starts_at=NOW + HOUR, ends_at=NOW + 3 * HOUR, user=brian, replaces=amina, actor=SYSTEM,
        now=NOW + 2 * HOUR, reason="dentist",
    )  # fmt: skip
    derive(NOW + 10 * HOUR)
    tiles(made)
    assert [was(made, NOW + at * HOUR) for at in (1, 2, 3)] == [["Amina"], ["Brian"], ["Amina"]]
    assert who_was(made, NOW + 2 * HOUR).why == "Brian covers Amina (dentist), on layer Layer"


def test_an_override_taken_back_while_it_runs_is_cut_there(amina, brian):
    made = rota(amina)
    row = add_override(
        made, starts_at=NOW, ends_at=NOW + 5 * HOUR, user=brian, replaces=amina, actor=SYSTEM, now=NOW
    )
    derive()
    remove_override(row, actor=SYSTEM, now=NOW + HOUR)
    derive(NOW + HOUR + SECOND)
    tiles(made)
    assert [was(made, NOW + at * HOUR) for at in (0, 1, 2)] == [["Brian"], ["Amina"], ["Amina"]]


def test_a_dated_pattern_is_named_as_what_it_comes_from(amina, brian):
    made = rota(amina)
    derive()
    version = begin(made, planned(brian), at=NOW + DAY)
    derive(NOW + MINUTE)
    assert [who_was(made, NOW + day * DAY).version for day in (0, 1)] == [None, version.pk]


def test_one_look_is_one_query(amina, django_assert_num_queries):
    made = rota(amina)
    derive()
    with django_assert_num_queries(1):
        assert was(made, NOW) == ["Amina"]


def test_a_retired_rota_has_no_more_cover(amina):
    made = rota(amina)
    derive()
    Rota.objects.update(is_active=False)
    covering.touch(None, NOW + DAY, NOW + DAY)
    derive(NOW + DAY)
    assert was(made, NOW) == ["Amina"]
    assert was(made, NOW + DAY) == ["nothing written"]


def test_one_rota_that_cannot_be_worked_out_holds_up_no_other(amina, monkeypatch):
    broken, sound = rota(amina), rota(amina)
    real = covering.plans

    def fails(rotas, *rest):
        if broken in rotas:
            raise RuntimeError("odd")
        return real(rotas, *rest)

    monkeypatch.setattr(covering, "plans", fails)
    with pytest.raises(RuntimeError, match="odd"):
        derive()
    assert was(sound, NOW) == ["Amina"]
    broken.refresh_from_db()
    assert broken.cover_at == NOW + covering.STAND_BACK


minutes = st.integers(0, 5 * 24 * 60)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(minutes, st.integers(1, 2000), st.booleans()), max_size=6), minutes)
def test_whatever_changes_what_is_written_is_what_was_worked_out_at_the_time(amina, brian, steps, ask):
    made = rota(amina, brian)
    # this rota alone: those of the examples before stay, and a tick takes only so many
    covering.derive(made.pk, NOW)
    seen = {}
    at = NOW
    for wait, lasts, replaces in sorted(steps):
        at = NOW + wait * MINUTE
        override(made, at, at + lasts * MINUTE, user=brian, replaces=amina if replaces else None)
        covering.touch([made.pk], at, at)
        covering.derive(made.pk, at + SECOND)
        # of two at the same instant the later one counts
        seen[at] = [str(user) for user in on_call(made, at)]
    tiles(made)
    for moment, people in seen.items():
        assert was(made, moment) == people
    later = at + ask * MINUTE
    assert was(made, later) == [str(user) for user in on_call(made, later)]
