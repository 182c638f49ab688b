"""What people see of alerts, and what they don't."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from monitoring.models import Alert, Integration, RawDelivery
from tests import make as things
from tests.make import NOW
from tests.monitoring import make

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.monitoring.urls")]


def post(identity: str, **fields) -> bytes:
    return json.dumps({"id": identity, "title": f"Alert {identity}", **fields}).encode()


@pytest.fixture
def people():
    """Alice of client A, a responder, a lead; alerts of clients A and B and one of nobody."""
    alice = things.user("stakeholder")
    a, b = things.client_((alice,)), things.client_()
    things.service(slug="svc-a", client=a)
    things.service(slug="svc-b", client=b)
    door = make.integration("generic")
    make.take(
        door, post("a", service="svc-a"), post("b", service="svc-b"), post("stray", service="who-knows")
    )
    return {"alice": alice, "responder": things.user(), "lead": things.user("lead")}


def titles(response) -> list[str]:
    return sorted(alert.title for alert in response.context["page"].items)


def key(identity: str) -> int:
    return Alert.objects.get(identity=identity).pk


def test_support_sees_all_alerts(client, people):
    client.force_login(people["responder"])

    assert titles(client.get("/alerts/")) == ["Alert a", "Alert b", "Alert stray"]


def test_a_stakeholder_sees_the_alerts_of_their_client_only(client, people):
    client.force_login(people["alice"])

    assert titles(client.get("/alerts/?view=all")) == ["Alert a"]
    assert client.get(f"/alerts/{key('a')}/").status_code == 200
    assert client.get(f"/alerts/{key('b')}/").status_code == 404
    assert client.get(f"/alerts/{key('stray')}/").status_code == 404


def test_a_stakeholder_sees_no_raw_post_which_may_hold_others_alerts(client, people):
    client.force_login(people["alice"])
    assert client.get(f"/alerts/{key('a')}/").context["payload"] == ""

    client.force_login(people["responder"])
    assert '"service": "svc-a"' in client.get(f"/alerts/{key('a')}/").context["payload"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("view=unrouted", ["Alert stray"]),
        ("view=resolved", []),
        ("service=svc-a", ["Alert a"]),
        ("search=stray", ["Alert stray"]),
        ("search=service%3Dsvc-b", ["Alert b"]),
        ("search=service%3Dsvc-b+stray", []),
        ("severity=critical", []),
        ("severity=nonsense", ["Alert a", "Alert b", "Alert stray"]),
        ("view=nonsense", ["Alert a", "Alert b", "Alert stray"]),
    ],
)
def test_views_and_filters(client, people, query, expected):
    client.force_login(people["responder"])

    assert titles(client.get(f"/alerts/?{query}")) == expected


def test_the_list_costs_the_same_with_many_alerts(client, people):
    client.force_login(people["responder"])
    with CaptureQueriesContext(connection) as few:
        client.get("/alerts/")
    make.take(make.integration("generic"), *[post(str(n), service="svc-a") for n in range(20)])
    with CaptureQueriesContext(connection) as many:
        client.get("/alerts/")

    assert len(many) == len(few) <= 15


def test_a_live_region_is_answered_by_itself(client, people):
    client.force_login(people["responder"])

    page = client.get("/alerts/", headers={"x-live": "1"}).content.decode()

    assert page.count("<html") == 0
    assert page.count('id="alert-rows"') == 1


def test_the_text_of_a_stranger_is_never_markup(client, people):
    make.take(make.integration(), "alertmanager/hostile")
    client.force_login(people["responder"])
    pk = Alert.objects.get(identity="00aa00aa00aa00aa").pk

    page = client.get(f"/alerts/{pk}/").content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "javascript:" not in page.split("Raw payload")[0]


def test_a_responder_routes_an_unrouted_alert(client, people):
    client.force_login(people["responder"])

    answer = client.post(f"/alerts/{key('stray')}/route/", {"service": "svc-b"})

    assert answer["Location"] == f"/alerts/{key('stray')}/"
    assert Alert.objects.get(identity="stray").service.slug == "svc-b"


def test_a_stakeholder_routes_nothing(client, people):
    client.force_login(people["alice"])

    assert client.post(f"/alerts/{key('a')}/route/", {"service": "svc-a"}).status_code == 403
    assert client.post(f"/alerts/{key('stray')}/route/", {"service": "svc-a"}).status_code == 404


@pytest.mark.parametrize("path", ["/alerts/parked/", "/alerts/integrations/", "/alerts/parked/{delivery}/"])
@pytest.mark.parametrize(("who", "status"), [("alice", 403), ("responder", 403), ("lead", 200)])
def test_intake_pages_are_for_leads(client, people, path, who, status):
    client.force_login(people[who])

    assert client.get(path.format(delivery=RawDelivery.objects.first().pk)).status_code == status


def test_a_lead_sees_why_a_post_is_parked_and_replays_it(client, people):
    make.take(make.integration("generic"), b"nonsense")
    row = RawDelivery.objects.get(state="parked")
    client.force_login(people["lead"])

    assert [shown["delivery"] for shown in client.get("/alerts/parked/").context["rows"]] == [row]
    assert "The body is not valid JSON" in client.get(f"/alerts/parked/{row.pk}/").content.decode()
    client.post(f"/alerts/parked/{row.pk}/replay/")

    row.refresh_from_db()
    assert (row.state, row.replays) == ("received", 1)


def test_a_responder_replays_nothing(client, people):
    make.take(make.integration("generic"), b"nonsense")
    row = RawDelivery.objects.get(state="parked")
    client.force_login(people["responder"])

    assert client.post(f"/alerts/parked/{row.pk}/replay/").status_code == 403
    assert RawDelivery.objects.get(pk=row.pk).state == "parked"


def test_a_lead_opens_shuts_and_renews_a_door(client, people):
    client.force_login(people["lead"])

    client.post("/alerts/integrations/", {"source": "grafana", "name": "Grafana EU", "service_label": "app"})
    door = Integration.objects.get(name="Grafana EU")
    client.post(f"/alerts/integrations/{door.pk}/switch/")
    client.post(f"/alerts/integrations/{door.pk}/rotate/")

    after = Integration.objects.get(pk=door.pk)
    assert (after.is_active, after.service_label) == (False, "app")
    assert after.key_digest != door.key_digest


def test_empty_pages_teach(client):
    client.force_login(things.user("lead"))

    assert "No alert has come yet" in client.get("/alerts/").content.decode()
    assert "Nothing is parked" in client.get("/alerts/parked/").content.decode()
    assert "No tool has a door yet" in client.get("/alerts/integrations/").content.decode()


def test_an_alert_whose_readings_expired_still_has_its_page(client, people):
    RawDelivery.objects.all().delete()
    Alert.objects.filter(identity="a").update(ends_at=NOW, status="resolved", resolve_reason="missing_series")
    client.force_login(people["responder"])

    assert "Ended: series missing" in client.get(f"/alerts/{key('a')}/").content.decode()


@pytest.mark.parametrize("model", ["integration", "routingrule", "alert", "rawdelivery"])
def test_the_admin_opens_for_leads(client, people, model):
    make.take(make.integration("generic"), post("a"))
    client.force_login(people["lead"])

    assert client.get(f"/admin/monitoring/{model}/").status_code == 200


def test_the_admin_makes_an_integration_with_a_key_and_keeps_rules_sound(client, people):
    client.force_login(people["lead"])

    client.post(
        "/admin/monitoring/integration/add/",
        {"name": "AM", "source": "alertmanager", "service_label": "service", "is_active": "on"},
    )
    door = Integration.objects.get(name="AM")
    shown = client.get(f"/admin/monitoring/integration/{door.pk}/change/").content.decode()
    wrong = client.post(
        "/admin/monitoring/routingrule/add/",
        {"position": 1, "name": "x", "matchers": '[{"name": "a", "op": "=~", "value": "("}]', "service": 1},
    )

    assert "/api/v1/intake/alertmanager/" in shown
    assert "There is a ( without its )." in wrong.content.decode()
