"""Messages for programs."""

from datetime import timedelta

import pytest

from accounts.domain.tokens import issue
from core.types import SYSTEM
from notifications.domain.inbox import deliver_rows
from notifications.domain.outbox import routes_for
from notifications.models import Message
from tests import make
from tests.make import NOW
from tests.notifications.messages import of, tell

pytestmark = pytest.mark.django_db


def key(person, *scopes):
    _, plain = issue(person, "test", scopes or ("write",), None, NOW, actor=SYSTEM)
    return {"Authorization": f"Token {plain}"}


@pytest.fixture
def people():
    """Alice, Bob and a stakeholder, each with a message that has arrived; a lead without."""
    alice, bob, outsider = make.user(), make.user(), make.user("stakeholder")
    tell(alice, bob, outsider)
    deliver_rows(NOW, 100)
    return {"alice": alice, "bob": bob, "outsider": outsider, "lead": make.user("lead")}


def test_the_inbox_is_ones_own(client, people):
    answer = client.get("/api/v1/messages/?count=true", headers=key(people["outsider"])).json()
    assert (answer["count"], answer["next"]) == (1, None)
    message = of(people["outsider"], "in_app")
    assert answer["results"] == [
        {
            "id": message.pk,
            "kind": "incident.page",
            "urgency": "urgent",
            "severity": "SEV1",
            "subject": "SEV1 INC-1042 Fraud scoring is down",
            "body": "Open for 2 min.",
            "url": "/incidents/INC-1042/",
            "about_kind": "incident",
            "about_ref": "INC-1042",
            "created_at": "2026-03-04T08:00:00Z",
            "read_at": None,
        }
    ]
    stranger = key(people["lead"])
    assert client.get(f"/api/v1/messages/{message.pk}/", headers=stranger).status_code == 404
    assert client.post(f"/api/v1/messages/{message.pk}/read/", headers=stranger).status_code == 404


def test_reading_one_and_reading_all(client, people):
    alice = people["alice"]
    for n in range(3):
        tell(alice, key=f"more{n}", urgency="ordinary")
    deliver_rows(NOW, 100)
    mine = key(alice)
    of_all = Message.objects.filter(recipient=alice, channel="in_app").order_by("pk")
    first = of_all[0]
    assert client.post(f"/api/v1/messages/{first.pk}/read/", headers=mine).json()["read_at"] is not None
    assert len(client.get("/api/v1/messages/?unread=true", headers=mine).json()["results"]) == 3
    upto = {"up_to": of_all[1].pk}
    answer = client.post("/api/v1/messages/read_all/", upto, headers=mine, content_type="application/json")
    assert answer.json() == {"marked": 1}
    assert client.post(
        "/api/v1/messages/read_all/", {}, headers=mine, content_type="application/json"
    ).json() == {"marked": 2}
    assert client.get("/api/v1/messages/?unread=true", headers=mine).json()["results"] == []
    assert Message.objects.filter(recipient=people["bob"], read_at=None, channel="in_app").count() == 1


def test_a_reading_token_reads_and_marks_nothing(client, people):
    mine = key(people["alice"], "read")
    assert client.get("/api/v1/messages/", headers=mine).status_code == 200
    assert client.post("/api/v1/messages/read_all/", headers=mine).status_code == 403


def test_the_outbox_by_role(client, people):
    def seen(name):
        answer = client.get("/api/v1/outbox/?channel=email", headers=key(people[name]))
        found = answer.json().get("results", [])
        return answer.status_code, sorted(each["recipient"]["id"] for each in found)

    everybody = sorted(people[name].pk for name in ("alice", "bob", "outsider"))
    assert seen("lead") == (200, everybody)
    assert seen("alice") == (200, [people["alice"].pk])
    assert seen("outsider") == (403, [])
    theirs = of(people["bob"]).pk
    assert client.get(f"/api/v1/outbox/{theirs}/", headers=key(people["alice"])).status_code == 404


def test_retry_is_for_leads_and_once_by_its_key(client, people):
    message = of(people["alice"])
    path = f"/api/v1/outbox/{message.pk}/retry/"
    lead = {**key(people["lead"]), "Idempotency-Key": "again"}
    assert client.post(path, headers=key(people["lead"])).json()["error"]["code"] == "not_failed"
    Message.objects.filter(pk=message.pk).update(state="failed", next_at=None)
    assert client.post(path, headers=key(people["alice"])).status_code == 403
    assert client.post(path, headers=lead).json()["state"] == "pending"
    assert client.post(path, headers=lead).json()["state"] == "pending"


def test_attempts_can_be_read(client, people):
    answer = client.get(f"/api/v1/outbox/{of(people['alice']).pk}/attempts/", headers=key(people["lead"]))
    assert answer.json() == []


def test_rules_can_be_read_and_set(client, people):
    alice = people["alice"]
    mine = key(alice)
    inbox = {"channel": "in_app", "contact_point": None, "delay_minutes": 0}
    usual = {"urgent": [inbox, {**inbox, "channel": "email"}], "ordinary": [inbox]}
    assert client.get("/api/v1/messages/rules/", headers=mine).json() == usual
    wanted = {"urgent": [{"channel": "email", "delay_minutes": 5}]}
    put = client.put("/api/v1/messages/rules/", wanted, headers=mine, content_type="application/json")
    assert put.json()["urgent"][1] == {**inbox, "channel": "email", "delay_minutes": 5}
    assert [route.delay_minutes for route in routes_for(alice, "urgent")] == [0, 5]
    twice = {"urgent": [{"channel": "email"}, {"channel": "email"}]}
    refused = client.put("/api/v1/messages/rules/", twice, headers=mine, content_type="application/json")
    assert refused.json()["error"]["fields"] == {"channel": "only once"}


def test_pages_go_on_by_cursor(client, people):
    alice = people["alice"]
    for n in range(5):
        tell(alice, key=f"more{n}", urgency="ordinary", now=NOW + timedelta(seconds=n))
    deliver_rows(NOW + timedelta(minutes=1), 100)
    mine, seen, url = key(alice), [], "/api/v1/messages/?limit=2"
    while url:
        answer = client.get(url, headers=mine).json()
        seen += [each["id"] for each in answer["results"]]
        url = answer["next"]
    assert len(seen) == len(set(seen)) == 6
