"""What leads and responders see of what leaves."""

import pytest

from accounts.models import AuditEntry
from notifications.domain import delivery
from notifications.models import Message
from tests import make
from tests.make import NOW
from tests.notifications.messages import PERMANENT, of, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    """Alice and Bob, each with a message; a lead; a stakeholder with one too."""
    alice, bob, outsider = make.user(name="Alice"), make.user(name="Bob"), make.user("stakeholder")
    tell(alice, bob, outsider)
    return {"alice": alice, "bob": bob, "lead": make.user("lead"), "outsider": outsider}


def recipients(response):
    return sorted(message.recipient.name for message in response.context["page"].items)


def fail(message):
    Message.objects.filter(pk=message.pk).update(
        state="failed", next_at=None, attempts=6, error="550 no such mailbox"
    )


def test_a_lead_sees_what_goes_to_everybody(client, people):
    client.force_login(people["lead"])
    assert recipients(client.get("/messages/outbox/")) == ["Alice", "Bob", people["outsider"].name]


def test_a_responder_sees_what_goes_to_themselves(client, people):
    client.force_login(people["alice"])
    assert recipients(client.get("/messages/outbox/")) == ["Alice"]
    assert client.get(f"/messages/outbox/{of(people['alice']).pk}/").status_code == 200
    assert client.get(f"/messages/outbox/{of(people['bob']).pk}/").status_code == 404


def test_a_stakeholder_has_no_outbox(client, people):
    client.force_login(people["outsider"])
    assert client.get("/messages/outbox/").status_code == 403
    assert client.get(f"/messages/outbox/{of(people['outsider']).pk}/").status_code == 403


def test_filters_by_channel_state_and_person(client, people):
    client.force_login(people["lead"])
    fail(of(people["bob"]))
    assert recipients(client.get("/messages/outbox/?state=failed")) == ["Bob"]
    assert recipients(client.get("/messages/outbox/?person=ALI")) == ["Alice"]
    assert recipients(client.get("/messages/outbox/?person=ali&channel=in_app")) == ["Alice"]
    assert len(recipients(client.get("/messages/outbox/?channel=in_app"))) == 3
    assert recipients(client.get("/messages/outbox/?about=INC-7")) == []


def test_without_a_mail_server_the_page_shows_what_would_have_been_sent(client, people, settings):
    settings.EMAIL_HOST = ""
    message = of(people["alice"])
    Message.objects.filter(pk=message.pk).update(state="held", next_at=None)
    client.force_login(people["lead"])
    assert "No mail server is configured." in client.get("/messages/outbox/").content.decode()
    page = client.get(f"/messages/outbox/{message.pk}/")
    assert "What would have been sent" in page.content.decode()
    assert page.context["letter"].subject == "SEV1 INC-1042 Fraud scoring is down"
    assert "https://ops.test/incidents/INC-1042/" in page.context["letter"].text


def test_an_address_that_cannot_be_written_to_breaks_no_page(client, people):
    people["alice"].email = "alice"
    people["alice"].save()
    client.force_login(people["lead"])
    page = client.get(f"/messages/outbox/{of(people['alice']).pk}/")
    assert (page.status_code, page.context["letter"]) == (200, None)


def test_a_lead_has_a_failed_message_tried_again_and_the_audit_trail_knows(client, people):
    message = of(people["bob"])
    fail(message)
    client.force_login(people["lead"])
    assert client.post(f"/messages/outbox/{message.pk}/retry/").status_code == 302
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("pending", 6)
    entry = AuditEntry.objects.get(action="message.retry")
    assert (entry.actor_id, entry.subject_id) == (people["lead"].pk, str(message.pk))


@pytest.mark.django_db(transaction=True)
def test_a_message_tried_again_has_all_its_attempts_again(people, client, email):
    message = of(people["bob"])
    fail(message)
    client.force_login(people["lead"])
    client.post(f"/messages/outbox/{message.pk}/retry/")
    email.error = TimeoutError("silence")
    Message.objects.exclude(pk=message.pk).delete()
    Message.objects.filter(pk=message.pk).update(next_at=NOW)
    delivery.tick(NOW)
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("pending", 7)
    email.error = PERMANENT
    delivery.tick(message.next_at)
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("failed", 8)


def test_a_responder_may_see_a_failure_and_not_retry_it(client, people):
    message = of(people["alice"])
    fail(message)
    client.force_login(people["alice"])
    page = client.get(f"/messages/outbox/{message.pk}/")
    assert page.context["can_retry"] is False
    assert client.post(f"/messages/outbox/{message.pk}/retry/").status_code == 403
    message.refresh_from_db()
    assert message.state == "failed"


def test_only_what_failed_is_tried_again(client, people):
    client.force_login(people["lead"])
    assert client.post(f"/messages/outbox/{of(people['bob']).pk}/retry/").status_code == 409
