"""What programs of outsiders are told, and what clocks say."""

from datetime import timedelta

import pytest

from core import clock
from core.types import person
from incidents.domain import lifecycle
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(client):
    """An incident of Alice's client about which things were said inside the team."""
    alice, bob = make.user("stakeholder"), make.user(email="bob@test.mainstay")
    service = make.service(client=make.client_((alice,), slug="lumen"))
    now = clock.now()
    incident = make.incident(
        service=service, now=now, severity="SEV1", severity_reason="SECRET-WHY", reporter=bob
    )
    lifecycle.acknowledge(incident, actor=person(bob), now=now, note="SECRET-ACK")
    lifecycle.note(incident, actor=person(bob), now=now, text="SECRET-NOTE")
    lifecycle.resolve(incident, actor=person(bob), now=now, note="SECRET-END")
    lifecycle.note(incident, actor=person(bob), now=now, text="SECRET-LAST")
    return alice, bob, incident


def test_internal_words_never_reach_a_stakeholders_program(client, told):
    alice, bob, incident = told
    paths = ["", f"{incident.ref}/", f"{incident.ref}/timeline/"]

    client.force_login(bob)
    assert all("SECRET" in client.get(f"/api/v1/incidents/{path}").content.decode() for path in paths)

    client.force_login(alice)
    for path in paths:
        assert "SECRET" not in client.get(f"/api/v1/incidents/{path}").content.decode(), path
    assert client.get(f"/api/v1/incidents/{incident.ref}/").json()["reporter"] is None


def test_engineering_reads_what_is_said_inside(client, told):
    _alice, _bob, incident = told
    grace = make.user("stakeholder")
    incident.service.parties.add(make.team("engineering", (grace,)))
    client.force_login(grace)

    assert client.get(f"/api/v1/incidents/{incident.ref}/").json()["resolution_note"] == "SECRET-END"


def test_clocks_say_what_is_left(client, told):
    _alice, bob, done = told
    running = make.incident(now=clock.now() - timedelta(minutes=5))
    client.force_login(bob)

    left = {
        row["kind"]: row["left_seconds"]
        for row in client.get(f"/api/v1/incidents/{running.ref}/clocks/").json()
    }
    assert 0 <= 10 * 60 - left["acknowledge"] < 60
    assert {row["left_seconds"] for row in client.get(f"/api/v1/incidents/{done.ref}/clocks/").json()} == {
        None
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [("client=lumen", 1), ("owner=me", 1), ("owner=none", 0), ("owner=BOB@test.mainstay", 1)],
)
def test_filters_by_client_and_owner(client, told, query, found):
    client.force_login(told[1])

    assert len(client.get(f"/api/v1/incidents/?{query}").json()["results"]) == found


def test_an_incident_counts_its_alerts(client, told):
    _alice, bob, incident = told
    for _ in range(2):
        incident.alert_links.create(alert=make.alert(incident.service), linked_at=clock.now())
    client.force_login(bob)

    assert client.get(f"/api/v1/incidents/{incident.ref}/").json()["alerts"] == 2


def test_a_stakeholder_edits_nothing(client, told):
    alice, _bob, incident = told
    client.force_login(alice)

    answer = client.patch(
        f"/api/v1/incidents/{incident.ref}/", {"title": "X"}, "application/json", headers={"if-match": '"1"'}
    )
    assert answer.status_code == 403
