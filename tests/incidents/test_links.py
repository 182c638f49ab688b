"""Attaching a link: what lies elsewhere stands on the timeline, for whoever may read the line."""

import pytest

from core import clock
from core.errors import Invalid
from core.types import person
from incidents.domain import lifecycle
from incidents.models import Incident
from notifications.models import Message
from tests import make

pytestmark = pytest.mark.django_db
URL = "https://grafana.example/d/abc?from=1&to=2"


@pytest.fixture
def bob():
    return make.user(name="Bob Responder")


@pytest.fixture
def incident(bob) -> Incident:
    alice = make.user("stakeholder", email="alice@test.mainstay", name="Alice Outside")
    service = make.service(slug="svc-a", client=make.client_((alice,)))
    return make.incident(service=service, title="Scores late", now=clock.now())


@pytest.fixture
def alice(incident):
    return incident.service.client.members.get().user


def attach(client, incident, **data):
    return client.post(f"/incidents/{incident.ref}/link/", data)


def page(client, incident) -> str:
    return client.get(f"/incidents/{incident.ref}/").content.decode()


def test_a_link_stands_on_the_timeline_and_leads_out(client, bob, incident):
    client.force_login(bob)
    assert attach(client, incident, url=URL, title="p99 by shard").status_code == 302
    entry = incident.entries.get(kind="link")
    assert (entry.text, entry.data, entry.visibility, entry.actor) == (
        "p99 by shard",
        {"url": URL},
        "internal",
        bob,
    )
    html = page(client, incident)
    assert (
        f'<a href="{URL.replace("&", "&amp;")}" rel="noopener noreferrer" target="_blank">p99 by shard'
        in html
    )
    incident.refresh_from_db()
    assert incident.last_entry == "Bob: p99 by shard"


def test_without_a_title_its_host_stands_for_it(bob, incident):
    entry = lifecycle.link(incident, actor=person(bob), now=clock.now(), url=f"  {URL} ")
    assert entry.text == "grafana.example"


def test_the_same_link_is_attached_once_and_changes_nothing(bob, incident):
    actor, now = person(bob), clock.now()
    first = lifecycle.link(incident, actor=actor, now=now, url=URL, title="Board")
    version = Incident.objects.get(pk=incident.pk).version
    again = lifecycle.link(incident, actor=actor, now=now, url=URL, title="Board")
    other_readers = lifecycle.link(
        incident, actor=actor, now=now, url=URL, title="Board", visibility="client"
    )
    assert first.pk == again.pk != other_readers.pk
    assert Incident.objects.get(pk=incident.pk).version == version + 1


def test_an_ended_incident_still_takes_links(bob, incident):
    lifecycle.resolve(incident, actor=person(bob), now=clock.now(), resolution="fixed")
    lifecycle.link(incident, actor=person(bob), now=clock.now(), url=URL)
    assert incident.entries.filter(kind="link").count() == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "grafana.example/d/abc",
        "javascript:alert(1)",
        "//grafana.example/",
        "ftp://grafana.example/",
        "https://",
        "https://bob:secret@grafana.example/",
        "https://grafana.example/a b",
        "https://g.example/" + "x" * 1000,
        "https://[::1",
    ],
)
def test_only_whole_web_addresses_are_taken(bob, incident, url):
    with pytest.raises(Invalid) as refused:
        lifecycle.link(incident, actor=person(bob), now=clock.now(), url=url)
    assert list(refused.value.fields) == ["url"]
    assert not incident.entries.filter(kind="link").exists()


def test_a_refusal_is_said_beside_the_field(client, bob, incident):
    client.force_login(bob)
    answer = client.post(
        f"/incidents/{incident.ref}/link/",
        {"url": "javascript:alert(1)"},
        headers={"hx-request": "true", "hx-target": "rail"},
    )
    assert (answer.status_code, answer["HX-Retarget"]) == (400, "#problem-link")


def test_an_internal_link_never_reaches_the_client(client, bob, incident, alice):
    actor, now = person(bob), clock.now()
    lifecycle.link(
        incident, actor=actor, now=now, url="https://wiki.example/SECRET-PAGE", title="SECRET-TITLE"
    )
    lifecycle.link(incident, actor=actor, now=now, url=URL, title="Status", visibility="client")
    client.force_login(alice)
    timeline = client.get(f"/api/v1/incidents/{incident.ref}/timeline/").json()["results"]
    assert [(row["text"], row["url"]) for row in timeline if row["kind"] == "link"] == [("Status", URL)]
    assert "SECRET" not in page(client, incident) + str(timeline)
    client.force_login(bob)
    assert "SECRET-PAGE" in page(client, incident)


def test_what_an_outsider_attaches_is_for_everybody_and_told_to_the_owner(client, bob, incident, alice):
    lifecycle.assign(incident, actor=person(bob), now=clock.now(), owner=bob)
    client.force_login(alice)
    attach(client, incident, url=URL, title="Our side", visibility="internal")
    assert incident.entries.get(kind="link").visibility == "client"
    told = Message.objects.filter(recipient=bob, kind="incident.note").values_list("subject", flat=True)
    assert set(told) == {f"{incident.severity} {incident.ref}: Alice Outside wrote"}
    assert 'name="visibility" value="internal"' not in page(client, incident)


def test_programs_attach_links_too(client, bob, incident):
    client.force_login(bob)
    path = f"/api/v1/incidents/{incident.ref}/link/"
    good = client.post(path, {"url": URL, "title": "Board"}, "application/json")
    bad = client.post(path, {"title": "Board"}, "application/json")
    assert (good.status_code, bad.status_code, list(bad.json()["error"]["fields"])) == (200, 400, ["url"])
    rows = client.get(f"/api/v1/incidents/{incident.ref}/timeline/").json()["results"]
    assert (rows[0]["kind"], rows[0]["text"], rows[0]["url"], rows[1]["url"]) == ("link", "Board", URL, "")
