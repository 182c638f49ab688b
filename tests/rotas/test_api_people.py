"""Swaps, leave and the record of who was on call, by the API."""

from datetime import timedelta

import pytest

from core import clock
from rotas.domain import covering
from rotas.models import LayerMember, Leave, Override, Swap
from tests import make
from tests.rotas.make import layer, rota

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def now():
    return clock.now().replace(microsecond=0)


@pytest.fixture
def api(client):
    def ask(user, method, path, data=None):
        client.force_login(user)
        return getattr(client, method)(f"/api/v1/{path}", data, content_type="application/json")

    return ask


def test_a_swap_from_offer_to_undo(api, amina, brian, now):
    made = rota(slug="nights")
    layer(made, amina, brian, anchor=now.replace(hour=0, minute=0, second=0))
    start = (now + 2 * DAY).replace(hour=0, minute=0, second=0)
    offer = {
        "rota": "nights",
        "starts_at": start.isoformat(),
        "ends_at": (start + DAY).isoformat(),
        "taker": brian.email,
    }
    answer = api(amina, "post", "swaps/", offer)
    assert answer.status_code == 201, answer.json()
    key = answer.json()["id"]
    assert (answer.json()["state"], answer.json()["giver"]) == ("offered", amina.email)
    assert api(make.user(), "post", f"swaps/{key}/accept/").status_code == 403
    assert api(brian, "post", f"swaps/{key}/accept/").json()["state"] == "accepted"
    assert Override.objects.count() == 1
    assert api(brian, "post", f"swaps/{key}/accept/").status_code == 409
    assert api(amina, "post", f"swaps/{key}/undo/").json()["state"] == "undone"
    assert not Override.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"rota": "none"},
        {"starts_at": "soon"},
        {"ends_at": None},
        {"taker": "x@y"},
        {"back_starts_at": "2030-01-01T00:00:00Z"},
        {"starts_at": "2020-01-01T00:00:00Z"},
    ],
)
def test_a_bad_offer_is_refused_and_nothing_is_kept(api, amina, now, change):
    rota(amina, slug="nights")
    offer = {
        "rota": "nights",
        "starts_at": (now + DAY).isoformat(),
        "ends_at": (now + 2 * DAY).isoformat(),
        **change,
    }
    assert api(amina, "post", "swaps/", offer).status_code == 400
    assert not Swap.objects.exists()


def test_leave_of_one_s_own_and_a_lead_s_word(api, amina, brian, now):
    lead = make.user("lead")
    wanted = {
        "starts_at": (now + DAY).isoformat(),
        "ends_at": (now + 3 * DAY).isoformat(),
        "kind": "training",
    }
    assert api(amina, "post", "leave/", {**wanted, "user": brian.email}).status_code == 403
    made = api(amina, "post", "leave/", wanted).json()
    assert (made["state"], made["user"]) == ("asked", amina.email)
    assert api(amina, "post", f"leave/{made['id']}/approve/").status_code == 403
    assert api(brian, "get", f"leave/{made['id']}/").status_code == 404
    assert api(lead, "post", f"leave/{made['id']}/approve/").json()["state"] == "approved"
    assert api(lead, "post", f"leave/{made['id']}/decline/").status_code == 409
    assert api(lead, "post", "leave/", {**wanted, "user": brian.email}).json()["state"] == "approved"
    assert api(amina, "post", f"leave/{made['id']}/withdraw/").json()["state"] == "withdrawn"
    assert Leave.objects.filter(user=amina).count() == 1


def test_the_past_is_as_it_was_whoever_is_in_the_layer_today(api, amina, brian, now):
    made = rota(slug="nights")
    layer(made, amina, anchor=now - 30 * DAY)
    covering.tick(now)
    LayerMember.objects.update(user=brian)
    covering.touch([made.pk], now, now)
    covering.tick(clock.now())
    before = (now - 5 * DAY).isoformat().replace("+00:00", "Z")
    then = api(amina, "get", f"rotas/nights/oncall/?at={before}").json()
    assert [each["name"] for each in then["people"]] == ["Amina"]
    assert [each["name"] for each in api(amina, "get", "rotas/nights/oncall/").json()["people"]] == ["Brian"]
    until = (now + 2 * DAY).isoformat().replace("+00:00", "Z")
    cover = api(amina, "get", f"rotas/nights/cover/?from={before}&to={until}").json()
    assert [each["people"][0]["name"] for each in cover] == ["Amina", "Brian"]
    assert cover[0]["end"] == cover[1]["start"]


def test_for_an_event_somebody_takes_over_by_the_api(api, amina, brian, now):
    rota(amina, slug="nights")
    lead = make.user("lead")
    sent = {
        "rota": "nights",
        "starts_at": now.isoformat(),
        "ends_at": (now + HOUR).isoformat(),
        "user": brian.email,
        "takes_over": True,
    }
    assert api(lead, "post", "overrides/", sent).json()["takes_over"] is True
    assert [each["name"] for each in api(lead, "get", "rotas/nights/oncall/").json()["people"]] == ["Brian"]
    assert api(lead, "post", "overrides/", {**sent, "replaces": amina.email}).status_code == 400
