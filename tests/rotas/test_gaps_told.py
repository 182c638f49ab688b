"""Whoever looks after a rota hears of gaps ahead, of each once."""

import pytest

from rotas.domain import covering
from tests import make
from tests.make import NOW
from tests.rotas.make import DAY, HOUR, layer, override, rota

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return make.user("lead", name="Grace")


def hears(person) -> list[str]:
    return list(person.messages.filter(channel="in_app").order_by("pk").values_list("body", flat=True))


def look(made, at) -> None:
    covering.touch([made.pk], at, at)
    covering.tick(at)


def test_the_owner_hears_of_a_gap_once_and_of_a_new_one_again(amina, lead):
    made = rota(amina, owner=lead)
    look(made, NOW)
    assert hears(lead) == []
    override(made, NOW + 2 * DAY, NOW + 2 * DAY + HOUR, replaces=amina)
    look(made, NOW + HOUR)
    look(made, NOW + 2 * HOUR)
    (said,) = hears(lead)
    assert "0 of 1" in said
    override(made, NOW + 3 * DAY, NOW + 3 * DAY + HOUR, replaces=amina)
    look(made, NOW + 3 * HOUR)
    assert len(hears(lead)) == 2


def test_the_team_s_lead_where_there_is_no_owner(lead):
    made = rota(team=make.team(lead=lead))
    look(made, NOW)
    assert len(hears(lead)) == 1
    # the gap runs, and reaches further as the horizon moves on: it is the same all the while
    for hour in range(1, 30):
        look(made, NOW + hour * HOUR)
    assert len(hears(lead)) == 1


def test_beyond_the_days_that_it_looks_ahead_nothing_is_said(amina, lead):
    made = rota(owner=lead, warn_days=3)
    layer(made, amina, ends_at=NOW + 5 * DAY)
    look(made, NOW)
    assert hears(lead) == []
    look(made, NOW + 3 * DAY)
    assert len(hears(lead)) == 1


def test_who_does_without_hears_nothing(lead):
    lead.muted_kinds.create(kind="rota.gap")
    look(rota(owner=lead), NOW)
    assert hears(lead) == []


def test_one_that_was_filled_and_opens_again_is_told_again(amina, lead):
    made = rota(amina, owner=lead)
    away = override(made, NOW + 2 * DAY, NOW + 2 * DAY + HOUR, replaces=amina)
    look(made, NOW)
    away.delete()
    look(made, NOW + HOUR)
    override(made, NOW + 2 * DAY, NOW + 2 * DAY + HOUR, replaces=amina)
    look(made, NOW + 2 * HOUR)
    assert len(hears(lead)) == 2
