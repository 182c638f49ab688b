"""The signed link in a message: who gets it, and who only sees that there is one."""

import pytest

from accounts.domain import action_links
from notifications.domain.outgoing import outgoing_of, preview_of
from tests import make
from tests.make import NOW
from tests.notifications.messages import of, tell

pytestmark = pytest.mark.django_db
CALL = {"severity": "SEV1", "action": "incident.acknowledge"}
BASE = "https://ops.test/do/"


def read(outgoing):
    return action_links.read(outgoing.action_url.removeprefix(BASE).rstrip("/"), address=None, now=NOW)


def test_a_call_carries_a_link_that_speaks_for_its_recipient():
    alice = make.user()
    tell(alice, data=CALL)
    outgoing = outgoing_of(of(alice))
    assert outgoing.action_label == "Acknowledge without signing in"
    assert read(outgoing) == action_links.ActionLink(
        "incident.acknowledge", "INC-1042", alice.pk, of(alice).pk, NOW
    )
    assert outgoing.url == "https://ops.test/incidents/INC-1042/"


@pytest.mark.parametrize("data", [{"severity": "SEV1"}, {"action": "incident.explode"}, {"action": ""}])
def test_other_messages_carry_none(data):
    alice = make.user()
    tell(alice, data=data)
    outgoing = outgoing_of(of(alice))
    assert (outgoing.action_url, outgoing.action_label) == ("", "")


def test_whoever_may_not_acknowledge_gets_no_link_to_do_so():
    outsider = make.user("stakeholder")
    tell(outsider, data=CALL)
    assert outgoing_of(of(outsider)).action_url == ""


def test_a_message_about_nothing_carries_none():
    alice = make.user()
    tell(alice, data=CALL, about_ref="")
    assert outgoing_of(of(alice)).action_url == ""


def test_a_preview_shows_whose_link_it_is_and_not_the_link(client):
    alice = make.user(name="Alice A")
    tell(alice, data=CALL)
    assert preview_of(of(alice)).action_url == "[acknowledge link of Alice A]"
    client.force_login(make.user("lead"))
    for channel in ("email", "in_app"):
        page = client.get(f"/messages/outbox/{of(alice, channel).pk}/").content.decode()
        assert "/do/" not in page
    assert "[acknowledge link of Alice A]" in client.get(f"/messages/outbox/{of(alice).pk}/").content.decode()


def test_the_outbox_of_the_api_knows_no_link(client):
    alice = make.user(name="Alice A")
    tell(alice, data=CALL)
    client.force_login(make.user("lead"))
    assert b"/do/" not in client.get("/api/v1/outbox/").content
