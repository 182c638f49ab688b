"""The API of rotas."""

from datetime import datetime

import pytest
from rest_framework.test import APIClient

from accounts.models import AuditEntry
from core import clock
from rotas.domain import escalation
from rotas.models import Override
from tests import make
from tests.make import NOW
from tests.rotas.make import DAY, HOUR, layer, override, policy, rota

pytestmark = pytest.mark.django_db
V1 = "/api/v1"


@pytest.fixture
def amina():
    return make.user(name="Amina", email="amina@test.mainstay")


@pytest.fixture
def brian():
    return make.user(name="Brian", email="brian@test.mainstay")


def api(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def instants(row, *names):
    return [datetime.fromisoformat(row[name]) if row[name] else None for name in names]


def test_rotas_are_listed_and_found_by_slug(amina):
    made = rota(amina, slug="follow-the-sun", name="Follow the sun", level="l2")
    rota(name="Nights")
    found = api(amina).get(f"{V1}/rotas/?level=l2").json()["results"]
    assert found == [
        {
            "slug": "follow-the-sun",
            "name": "Follow the sun",
            "level": "l2",
            "team": made.team.slug,
            "zone": "UTC",
            "is_active": True,
        }
    ]
    assert api(amina).get(f"{V1}/rotas/follow-the-sun/").json() == found[0]
    assert [row["name"] for row in api(amina).get(f"{V1}/rotas/?search=night").json()["results"]] == [
        "Nights"
    ]


def test_who_is_on_call_at_an_instant(amina, brian):
    made = rota(amina, brian)
    answer = api(amina).get(f"{V1}/rotas/{made.slug}/oncall/", {"at": NOW.isoformat()}).json()
    midnight = NOW.replace(hour=0)
    assert (answer["people"], answer["next_people"]) == (
        [{"email": "amina@test.mainstay", "name": "Amina"}],
        [{"email": "brian@test.mainstay", "name": "Brian"}],
    )
    assert instants(answer, "at", "since", "until") == [NOW, midnight, midnight + DAY]


def test_now_is_meant_unless_told(amina):
    made, began = rota(amina), clock.now()
    answer = api(amina).get(f"{V1}/rotas/{made.slug}/oncall/").json()
    (at,) = instants(answer, "at")
    assert began.replace(microsecond=0) <= at <= clock.now()
    assert answer["until"] is None


@pytest.mark.parametrize(
    "at", ["soon", "2026-03-04T08:00:00", "2026-13-04T08:00:00Z", "9999-01-01T00:00:00Z"]
)
def test_an_instant_needs_its_zone_and_sense(amina, at):
    made = rota(amina)
    answer = api(amina).get(f"{V1}/rotas/{made.slug}/oncall/", {"at": at})
    assert (answer.status_code, answer.json()["error"]["fields"]) == (400, {"at": "unusable"})


def test_cover_tiles_the_window_and_says_gaps(amina):
    made = rota()
    layer(made, amina, hours=(8, 20))
    midnight = NOW.replace(hour=0)
    answer = api(amina).get(
        f"{V1}/rotas/{made.slug}/cover/", {"from": midnight.isoformat(), "to": (midnight + DAY).isoformat()}
    )
    rows = [
        (*instants(row, "start", "end"), [each["name"] for each in row["people"]]) for row in answer.json()
    ]
    assert rows == [
        (midnight, midnight + 8 * HOUR, []),
        (midnight + 8 * HOUR, midnight + 20 * HOUR, ["Amina"]),
        (midnight + 20 * HOUR, midnight + DAY, []),
    ]


def test_cover_of_too_long_or_backward_a_window_is_refused(amina):
    made = rota(amina)
    for days in (0, -1, 93):
        asked = {"from": NOW.isoformat(), "to": (NOW + days * DAY).isoformat()}
        assert api(amina).get(f"{V1}/rotas/{made.slug}/cover/", asked).status_code == 400


def cover(made, now, **fields):
    return {
        "rota": made.slug,
        "user": "brian@test.mainstay",
        "replaces": "amina@test.mainstay",
        "starts_at": (now + HOUR).isoformat(),
        "ends_at": (now + 2 * HOUR).isoformat(),
        **fields,
    }


def test_a_lead_adds_an_override_once_for_one_key(amina, brian):
    made, lead, now = rota(amina), make.user("lead"), clock.now()
    for _ in range(2):
        answer = api(lead).post(
            f"{V1}/overrides/", cover(made, now), format="json", headers={"Idempotency-Key": "a"}
        )
        assert answer.status_code == 201
    row = Override.objects.get()
    assert (row.user, row.replaces, row.created_by) == (brian, amina, lead)
    assert answer.json()["id"] == row.pk
    assert AuditEntry.objects.filter(action="rota.override_added", actor_id=lead.pk).count() == 1


def test_an_override_that_makes_no_sense_is_refused_in_the_documented_shape(amina, brian):
    made, now = rota(amina), clock.now()
    asked = cover(made, now, replaces="brian@test.mainstay", ends_at=now.isoformat())
    answer = api(make.user("lead")).post(f"{V1}/overrides/", asked, format="json")
    assert answer.status_code == 400
    assert answer.json()["error"]["fields"] == {
        "user": "Nobody covers themselves.",
        "ends_at": "Must be after the start.",
    }


def test_stakeholders_and_programs_are_put_on_no_rota(amina):
    made, now = rota(amina), clock.now()
    for role in ("stakeholder", "service"):
        outsider = make.user(role)
        answer = api(make.user("lead")).post(
            f"{V1}/overrides/", cover(made, now, user=outsider.email), format="json"
        )
        assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["user"])


def test_taking_back_answers_what_is_left(amina, brian):
    made, lead, now = rota(amina), make.user("lead"), clock.now()
    coming = override(made, now + HOUR, now + 2 * HOUR, user=brian)
    running = override(made, now - HOUR, now + 2 * HOUR, user=brian)
    over = override(made, now - 2 * HOUR, now - HOUR, user=brian)
    codes = [
        api(lead).delete(f"{V1}/overrides/{row.pk}/").status_code for row in (coming, running, over, coming)
    ]
    assert codes == [204, 200, 409, 404]
    assert set(Override.objects.values_list("pk", flat=True)) == {running.pk, over.pk}


def test_responders_read_overrides_and_write_none(amina, brian):
    made, now = rota(amina), clock.now()
    row = override(made, now, now + HOUR, user=brian)
    client = api(amina)
    assert [each["id"] for each in client.get(f"{V1}/overrides/?rota={made.slug}").json()["results"]] == [
        row.pk
    ]
    assert client.post(f"{V1}/overrides/", cover(made, now), format="json").status_code == 403
    assert client.delete(f"{V1}/overrides/{row.pk}/").status_code == 403


def test_policies_show_their_steps(amina, brian):
    made = rota(amina)
    policy(made, [brian, make.team(lead=amina, slug="platform")], slug="standard", fallback=brian)
    (found,) = api(amina).get(f"{V1}/policies/").json()["results"]
    nobody = {"rota": None, "user": None, "team": None, "contact": None}
    plain = {
        "wait_minutes": 5, "waits_for_hours": False, "severities": [], "hours": "any", "alerts_more_than": None,
        "alerts_within_minutes": 10, "round_robin": False, "then_policy": None,
    }  # fmt: skip
    assert found["fallback"] == "brian@test.mainstay"
    assert found["steps"] == [
        {**plain, "position": 1, "targets": [{**nobody, "kind": "on_call", "rota": made.slug}]},
        {
            **plain,
            "position": 2,
            "targets": [
                {**nobody, "kind": "person", "user": "brian@test.mainstay"},
                {**nobody, "kind": "team_lead", "team": "platform"},
            ],
        },
    ]


def test_runs_show_whom_they_called(cases, amina):
    case = cases.new()
    run = escalation.start("case", case, policy(amina), now=NOW)
    escalation.tick(NOW)
    (found,) = api(amina).get(f"{V1}/escalation-runs/?state=running&subject_id={case}").json()["results"]
    assert (found["id"], found["step"], found["terms"]["repeats"]) == (run.pk, 1, 0)
    assert [(call["user"], call["outcome"]) for call in found["calls"]] == [("amina@test.mainstay", "called")]
    assert api(amina).get(f"{V1}/escalation-runs/?state=paused").json()["results"] == []


def test_stakeholders_find_nothing_here(cases, amina):
    made, now = rota(amina), clock.now()
    override(made, now, now + HOUR, user=amina)
    walked = policy(amina)
    run = escalation.start("case", cases.new(), walked, now=NOW)
    client = api(make.user("stakeholder"))
    for path in ("rotas", "overrides", "policies", "escalation-runs"):
        assert client.get(f"{V1}/{path}/").json()["results"] == []
    for path in (f"rotas/{made.slug}/oncall", f"policies/{walked.slug}", f"escalation-runs/{run.pk}"):
        assert client.get(f"{V1}/{path}/").status_code == 404
    assert APIClient().get(f"{V1}/rotas/").status_code == 401


def test_lists_take_the_same_queries_for_one_and_three(cases, amina, brian, django_assert_num_queries):
    lead = make.user("lead")
    for path, queries in (("rotas", 1), ("overrides", 1), ("policies", 3), ("escalation-runs", 2)):
        for _ in range(2):
            made = rota(amina)
            override(made, NOW, NOW + HOUR, user=brian, replaces=amina)
            escalation.start("case", cases.new(), policy(made, brian), now=NOW)
            escalation.tick(NOW)
            with django_assert_num_queries(queries):
                api(lead).get(f"{V1}/{path}/")
