"""Incidents for programs."""

import json
from datetime import timedelta

import pytest
from django.test import RequestFactory
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.serializers import ModelSerializer

from core import clock
from core.hours import BusinessHours
from core.models import IdempotentAnswer
from incidents.api.serializers import IncidentSerializer
from incidents.api.views import IncidentViewSet, whole
from incidents.domain.stamping import change_hours
from incidents.models.incident import MAX_SUMMARY
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client):
    person = make.user(email="alice@test.mainstay")
    client.force_login(person)
    return person


def post(client, path, body=None, **headers):
    return client.post(f"/api/v1/incidents/{path}", body or {}, "application/json", headers=headers)


def opened(**fields):
    return make.incident(now=clock.now(), **fields)


def test_opening_gives_ref_clocks_and_severity_of_the_matrix(client, alice):
    service = make.service(slug="fraud-scorer")
    answer = post(
        client, "", {"service": "fraud-scorer", "title": "Stuck at 0.50", "impact": "high", "urgency": "high"}
    )
    body = answer.json()
    assert answer.status_code == 201, body
    assert (body["state"], body["severity"], body["service"], body["source"]) == (
        "new",
        "SEV1",
        service.slug,
        "api",
    )
    assert {row["kind"] for row in body["clocks"]} == {"acknowledge", "resolve"}
    assert body["ref"].startswith("INC-")


def test_the_same_key_opens_once(client, alice):
    make.service(slug="fraud-scorer")
    body = {"service": "fraud-scorer", "title": "Once", "severity": "SEV3"}
    first = post(client, "", body, **{"Idempotency-Key": "k1"})
    again = post(client, "", body, **{"Idempotency-Key": "k1"})
    other = post(client, "", {**body, "title": "Twice"}, **{"Idempotency-Key": "k1"})
    assert first.json()["ref"] == again.json()["ref"]
    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_key_reused")


def test_every_verb_on_the_way_to_closed(client, alice):
    make.policy(alice)
    ref = opened().ref
    walk = [
        ("acknowledge", {}, "acknowledged"),
        ("investigate", {}, "investigating"),
        ("hold", {"party": "client", "reason": "sample pages"}, "on_hold"),
        ("resume", {}, "investigating"),
        ("mitigate", {}, "mitigated"),
        ("escalate", {}, "mitigated"),
        ("note", {"text": "hello"}, "mitigated"),
        ("resolve", {"resolution": "fixed", "note": "rolled back"}, "resolved"),
        ("close", {}, "closed"),
        ("reopen", {}, "investigating"),
    ]
    seen = [(verb, post(client, f"{ref}/{verb}/", body).json().get("state")) for verb, body, _ in walk]
    assert seen == [(verb, state) for verb, _, state in walk]


def test_an_illegal_verb_is_409_and_names_the_legal_ones(client, alice):
    answer = post(client, f"{opened().ref}/close/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "illegal_state")
    assert "acknowledge" in answer.json()["error"]["legal"]


def test_an_edit_names_its_version_and_an_old_one_is_412(client, alice):
    incident = opened()
    path = f"/api/v1/incidents/{incident.ref}/"
    etag = client.get(path)["ETag"]

    def patch(title, **headers):
        return client.patch(path, {"title": title}, "application/json", headers=headers)

    assert patch("A").status_code == 428
    assert patch("A", **{"If-Match": etag}).json()["title"] == "A"
    stale = patch("B", **{"If-Match": etag})
    assert stale.status_code == 412
    assert stale.json()["error"]["changes"][0]["by"] == alice.name


def test_lists_filter_and_go_newest_first(client, alice):
    first, second = opened(impact="high", urgency="high"), opened(impact="low", urgency="low")
    found = client.get("/api/v1/incidents/?count=true").json()
    assert (found["count"], [row["ref"] for row in found["results"]]) == (2, [second.ref, first.ref])
    worst = client.get("/api/v1/incidents/?severity=SEV1&state=new").json()["results"]
    assert [row["ref"] for row in worst] == [first.ref]


def test_pages_of_one_walk_through_everything_once(client, alice):
    refs = {opened().ref for _ in range(3)}
    url, seen = "/api/v1/incidents/?limit=1", []
    while url:
        page = client.get(url).json()
        seen += [row["ref"] for row in page["results"]]
        url = page["next"]
    assert (len(seen), set(seen)) == (3, refs)


def test_a_client_sees_their_own_and_reads_no_internal_line(client):
    mine = make.user("stakeholder")
    theirs = opened(service=make.service(client=make.client_()))
    own = opened(service=make.service(client=make.client_(members=(mine,))))
    lead = make.user("lead")
    client.force_login(lead)
    post(client, f"{own.ref}/note/", {"text": "between us"})
    post(client, f"{own.ref}/note/", {"text": "for the client", "visibility": "client"})
    client.force_login(mine)
    assert [row["ref"] for row in client.get("/api/v1/incidents/").json()["results"]] == [own.ref]
    assert client.get(f"/api/v1/incidents/{theirs.ref}/").status_code == 404
    assert post(client, f"{own.ref}/acknowledge/").status_code == 403
    lines = [row["text"] for row in client.get(f"/api/v1/incidents/{own.ref}/timeline/").json()["results"]]
    assert "for the client" in lines
    assert "between us" not in lines


def test_a_list_asks_as_much_for_three_as_for_one(client, alice, django_assert_num_queries):
    opened()
    client.get("/api/v1/incidents/")
    with django_assert_num_queries(4):
        client.get("/api/v1/incidents/")
    opened(), opened()
    with django_assert_num_queries(4):
        client.get("/api/v1/incidents/")


def test_a_remembered_answer_is_kept_encrypted(client, alice):
    make.service(slug="fraud-scorer")
    body = {"service": "fraud-scorer", "title": "Kept secret", "severity": "SEV3"}
    post(client, "", body, **{"Idempotency-Key": "k2"})
    kept = IdempotentAnswer.objects.get()
    assert "Kept secret" not in str(kept.body)
    assert post(client, "", body, **{"Idempotency-Key": "k2"}).json()["title"] == "Kept secret"


@pytest.mark.parametrize("verb", ["acknowledge", "assign", "note"])
def test_a_stakeholder_learns_of_no_address_whether_somebody_has_it(client, alice, verb):
    outsider = make.user("stakeholder")
    service = make.service(client=make.client_((outsider,)))
    ref = opened(service=service).ref
    client.force_login(outsider)

    answers = {
        (answer.status_code, answer.content)
        for address in (alice.email, "nobody@test.mainstay", "no address")
        for answer in [post(client, f"{ref}/{verb}/", {"owner": address})]
    }

    assert len(answers) == 1
    assert {code for code, _ in answers} == {400 if verb == "note" else 403}


def test_a_verb_refuses_what_it_does_not_take_by_name(client, alice):
    answer = post(client, f"{opened().ref}/acknowledge/", {"owner": "nobody@test.mainstay", "note": "x"})
    assert (answer.status_code, answer.json()["error"]["fields"]) == (400, {"owner": "unknown"})


@pytest.mark.parametrize("role", ["stakeholder", "service"])
def test_only_people_who_may_own_incidents_are_known_as_owners(client, alice, role):
    answers = [
        post(client, f"{opened().ref}/assign/", {"owner": address}).json()["error"]
        for address in (make.user(role, email="x@test.mainstay").email, "nobody@test.mainstay")
    ]
    assert [list(error["fields"]) for error in answers] == [["owner"], ["owner"]]
    assert answers[0]["fields"]["owner"].replace("x@", "nobody@") == answers[1]["fields"]["owner"]


def test_a_summary_is_as_long_in_the_portal_as_in_the_api(client, alice):
    make.service(slug="fraud-scorer")
    body = {"service": "fraud-scorer", "title": "Long", "impact": "high", "urgency": "high"}
    made = post(client, "", {**body, "summary": "x" * MAX_SUMMARY})
    sent = client.post(
        "/incidents/new/",
        {"service": "fraud-scorer", "title": "Long", "cell": "high:high", "summary": "x" * MAX_SUMMARY},
    )
    over = post(client, "", {**body, "summary": "x" * (MAX_SUMMARY + 1)})
    assert (made.status_code, sent.status_code, over.status_code) == (201, 302, 400)


def test_a_row_is_said_quickly_as_the_framework_would_say_it(client, alice):
    service = make.service(client=make.client_(), agreement=make.agreement({"SEV2": (15, 60)}))
    incident = opened(service=service, severity="SEV2", impact="", urgency="")
    post(client, f"{incident.ref}/acknowledge/")
    post(client, f"{incident.ref}/hold/", {"party": "client", "reason": "They look."})
    request = Request(RequestFactory().get("/"))
    request.user = alice
    view = IncidentViewSet(request=request, action="list", format_kwarg=None)
    context = view.get_serializer_context()
    row = whole(view.get_queryset()).get()
    quick = IncidentSerializer(row, context=context)
    slow = ModelSerializer.to_representation(quick, row)
    clocks = [
        ModelSerializer.to_representation(quick.fields["clocks"].child, each) for each in row.clocks.all()
    ]
    assert list(quick.data.items()) == list((slow | {"clocks": clocks}).items())
    assert [each["state"] for each in clocks] == ["met", "paused"]
    assert json.loads(JSONRenderer().render(quick.data)) == json.loads(JSONRenderer().render(slow))


def test_a_list_says_of_each_incident_what_its_own_address_says(client, alice):
    bob = make.user("stakeholder")
    agreement = make.agreement({"SEV2": (15, 60)})
    service = make.service(client=make.client_(members=(bob,)), agreement=agreement)
    running, held, done = (opened(service=service, severity="SEV2", impact="", urgency="") for _ in range(3))
    for incident in (running, held):
        post(client, f"{incident.ref}/hold/", {"party": "client", "reason": "They look."})
    post(client, f"{running.ref}/resume/")
    post(client, f"{done.ref}/acknowledge/")
    post(client, f"{done.ref}/resolve/", {"resolution": "fixed", "note": "Restarted."})
    running.alert_links.create(alert=make.alert(service), linked_at=clock.now())
    counting = running.clocks.get(kind="resolve")
    counting.pauses = [[(clock.now() - timedelta(minutes=2)).isoformat(), clock.now().isoformat()]]
    counting.started_at = clock.now() - timedelta(days=40)
    change_hours(
        counting, BusinessHours("UTC", ((),) + (((0, 86_400),),) * 6), clock.now() - timedelta(days=20)
    )
    counting.save()
    for reader in (alice, bob):
        client.force_login(reader)
        told = client.get("/api/v1/incidents/?count=true").json()
        assert (told["count"], len(told["results"])) == (3, 3)
        for row in told["results"]:
            own = client.get(f"/api/v1/incidents/{row['ref']}/").json()
            for said, alone in zip(row["clocks"], own["clocks"], strict=True):
                seconds = said.pop("left_seconds"), alone.pop("left_seconds")
                assert seconds == (None, None) or 0 <= seconds[0] - seconds[1] < 60
            assert json.dumps(row) == json.dumps(own)
        states = {each["state"] for row in told["results"] for each in row["clocks"]}
        assert states == {"running", "paused", "met"}
