"""`/api/v1/alerts/`, `/integrations/`, `/deliveries/`."""

import json

import pytest
from rest_framework.test import APIClient

from core.models import IdempotentAnswer
from monitoring.models import Alert, Integration, RawDelivery
from tests import make as things
from tests.monitoring import make

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.monitoring.urls")]


def post(identity: str, **fields) -> bytes:
    return json.dumps({"id": identity, **fields}).encode()


@pytest.fixture
def api():
    def as_(user) -> APIClient:
        client = APIClient()
        client.force_authenticate(user)
        return client

    return as_


@pytest.fixture
def alerts():
    alice = things.user("stakeholder")
    things.service(slug="svc-a", client=things.client_((alice,)))
    things.service(slug="svc-b", client=things.client_())
    make.take(
        make.integration("generic"),
        post("a", service="svc-a", severity="critical", labels={"zone": "eu"}),
        post("b", service="svc-b"),
        post("c"),
        post("b", service="svc-b", status="resolved"),
    )
    return alice


def test_alerts_are_listed_newest_first(api, alerts):
    answer = api(things.user()).get("/api/v1/alerts/?count=true").json()

    assert answer["count"] == 3
    assert [row["identity"] for row in answer["results"]] == ["b", "c", "a"]
    assert answer["results"][2]["service"] == "svc-a"
    assert answer["results"][2]["labels"] == {"service": "svc-a", "zone": "eu"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=firing", ["c", "a"]),
        ("status=resolved", ["b"]),
        ("severity=critical", ["a"]),
        ("service=svc-b", ["b"]),
        ("unrouted=true", ["c"]),
        ("source=grafana", []),
        ("search=zone%3Deu", ["a"]),
        ("limit=1", ["b"]),
    ],
)
def test_filters(api, alerts, query, expected):
    answer = api(things.user()).get(f"/api/v1/alerts/?{query}").json()

    assert [row["identity"] for row in answer["results"]] == expected


def test_a_stakeholder_gets_theirs_only(api, alerts):
    mine = api(alerts)
    other = Alert.objects.get(identity="b").pk

    assert [row["identity"] for row in mine.get("/api/v1/alerts/").json()["results"]] == ["a"]
    for path in ("", "occurrences/", "changes/"):
        assert mine.get(f"/api/v1/alerts/{other}/{path}").status_code == 404
    assert mine.post(f"/api/v1/alerts/{other}/route/", {"service": "svc-a"}, format="json").status_code == 404


def test_readings_and_changes_of_an_alert(api, alerts):
    support, pk = api(things.user()), Alert.objects.get(identity="b").pk

    readings = support.get(f"/api/v1/alerts/{pk}/occurrences/").json()["results"]
    changes = support.get(f"/api/v1/alerts/{pk}/changes/").json()

    assert [row["status"] for row in readings] == ["resolved", "firing"]
    assert [row["kind"] for row in changes] == ["resolved", "fired"]


def test_route(api, alerts):
    pk = Alert.objects.get(identity="c").pk
    path = f"/api/v1/alerts/{pk}/route/"

    assert api(things.user()).post(path, {"service": "svc-a"}, format="json").json()["service"] == "svc-a"
    refused = api(things.user()).post(path, {"service": "svc-b"}, format="json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "illegal_state")
    assert api(alerts).post(path, {"service": "svc-a"}, format="json").status_code == 403


@pytest.mark.parametrize("path", ["/api/v1/integrations/", "/api/v1/deliveries/"])
@pytest.mark.parametrize(
    ("role", "status"), [("stakeholder", 403), ("responder", 403), ("service", 403), ("lead", 200)]
)
def test_intake_is_for_leads(api, alerts, path, role, status):
    assert api(things.user(role)).get(path).status_code == status


def test_a_lead_makes_and_edits_an_integration(api):
    lead = api(things.user("lead"))

    made = lead.post("/api/v1/integrations/", {"source": "grafana"}, format="json")
    path = f"/api/v1/integrations/{made.json()['id']}/"
    edited = lead.patch(path, {"is_active": False, "name": "EU"}, format="json").json()
    wrong = lead.patch(path, {"source": "generic"}, format="json")
    rotated = lead.post(path + "rotate/").json()

    assert (made.status_code, made.json()["name"]) == (201, "Grafana")
    assert "/api/v1/intake/grafana/" in made.json()["url"]
    assert (edited["is_active"], edited["name"], edited["url"]) == (False, "EU", made.json()["url"])
    assert (wrong.status_code, list(wrong.json()["error"]["fields"])) == (400, ["source"])
    assert rotated["url"] != made.json()["url"]
    assert lead.post("/api/v1/integrations/", {"source": "nagios"}, format="json").status_code == 400


def test_an_idempotency_key_makes_one_integration(api):
    lead = api(things.user("lead"))

    answers = [
        lead.post(
            "/api/v1/integrations/", {"source": "generic"}, format="json", headers={"idempotency-key": "k"}
        )
        for _ in range(2)
    ]

    assert answers[0].json() == answers[1].json()
    assert Integration.objects.count() == 1


def test_an_intake_url_stands_in_the_body_alone_and_nowhere_in_the_clear(api):
    lead = api(things.user("lead"))

    first, again = (
        lead.post(
            "/api/v1/integrations/", {"source": "generic"}, format="json", headers={"idempotency-key": "k"}
        )
        for _ in range(2)
    )

    kept = IdempotentAnswer.objects.values_list("body", "headers").get()
    assert ("Location" in first, "Location" in again) == (False, False)
    assert first.json()["url"] == again.json()["url"]
    assert first.json()["url"] not in str(kept)


def test_an_answer_kept_by_the_release_before_is_still_given(api):
    lead = api(things.user("lead"))
    ask = {"path": "/api/v1/integrations/", "data": {"source": "generic"}, "format": "json"}
    first = lead.post(**ask, headers={"idempotency-key": "k"})
    row = IdempotentAnswer.objects.get()
    row.body, row.headers = {"sealed": row.body["sealed"]}, {"ETag": '"7"'}
    row.save()

    again = lead.post(**ask, headers={"idempotency-key": "k"})

    assert (again.json(), again["ETag"]) == (first.json(), '"7"')


def test_a_lead_reads_and_replays_a_parked_delivery(api):
    make.take(make.integration("generic"), b"nonsense")
    lead, row = api(things.user("lead")), RawDelivery.objects.get()

    listed = lead.get("/api/v1/deliveries/?state=parked").json()["results"]
    shown = lead.get(f"/api/v1/deliveries/{row.pk}/").json()
    first = lead.post(f"/api/v1/deliveries/{row.pk}/replay/")
    second = lead.post(f"/api/v1/deliveries/{row.pk}/replay/")

    assert [each["id"] for each in listed] == [row.pk]
    assert shown["payload"] == "nonsense"
    assert (first.status_code, first.json()["state"]) == (202, "received")
    assert second.status_code == 409
