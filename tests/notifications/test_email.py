"""E-mail over a real socket."""

import time
from datetime import timedelta

import pytest

from notifications.channels.email import EmailChannel, compose
from notifications.domain import delivery
from notifications.types import DeliveryError, Outcome, Outgoing
from tests import make
from tests.make import NOW
from tests.notifications.messages import of, tell

SENT = Outcome("sent")


def outgoing(**fields) -> Outgoing:
    values = {
        "message_id": 7,
        "dedup_key": "run:1:0:0:7:email",
        "recipient_name": "Faith Wanjiru",
        "recipient_email": "faith@test.mainstay",
        "subject": "Fraud scoring <is> down",
        "body": "Open for 2 min.\nPlease acknowledge & look.",
        "url": "https://ops.test/incidents/INC-1042/",
        "urgency": "urgent",
        "about_kind": "incident",
        "about_ref": "INC-1042",
        "severity": "SEV1",
        **fields,
    }
    return Outgoing(**values)


def test_a_message_arrives_as_text_and_html_with_severity_reference_and_link(smtp):
    assert EmailChannel().send(outgoing()) == SENT
    [mail] = smtp.received
    assert mail["Subject"] == "SEV1 INC-1042 Fraud scoring <is> down"
    assert mail["To"] == "Faith Wanjiru <faith@test.mainstay>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Importance"] == "high"
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    assert text.splitlines()[:6] == [
        "Fraud scoring <is> down",
        "",
        "Open for 2 min.",
        "Please acknowledge & look.",
        "",
        "https://ops.test/incidents/INC-1042/",
    ]
    assert "<h1>Fraud scoring &lt;is&gt; down</h1>" in html
    assert '<a href="https://ops.test/incidents/INC-1042/">Open INC-1042 in Mainstay</a>' in html


def test_what_can_be_done_without_a_sign_in_is_a_line_and_a_link_of_its_own(smtp):
    link = "https://ops.test/do/incident.acknowledge~INC-1042~7~9~tb4k2a.x_-y/"
    EmailChannel().send(outgoing(action_url=link, action_label="Acknowledge without signing in"))
    [mail] = smtp.received
    text = mail.get_body(("plain",)).get_content()
    assert text.splitlines()[5:10] == [
        "https://ops.test/incidents/INC-1042/",
        "",
        "Acknowledge without signing in:",
        link,
        "",
    ]
    html = mail.get_body(("html",)).get_content()
    assert f'<a href="{link}"><b>Acknowledge without signing in</b></a>' in html
    assert html.index("Open INC-1042 in Mainstay") < html.index(link)


def test_a_subject_that_names_severity_and_reference_is_left_alone():
    assert compose(outgoing(subject="SEV1 INC-1042 Down")).subject == "SEV1 INC-1042 Down"


def test_sent_twice_it_has_the_same_id_and_another_message_about_it_the_same_thread(smtp):
    EmailChannel().send(outgoing())
    EmailChannel().send(outgoing())
    EmailChannel().send(outgoing(dedup_key="run:1:0:1:7:email"))
    first, again, other = smtp.received
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert first["References"] == other["References"] != first["Message-ID"]
    assert first["Message-ID"].endswith("@mainstay>")


@pytest.mark.parametrize("field", ["subject", "recipient_name", "body"])
def test_nothing_in_a_message_can_start_a_header(smtp, field):
    EmailChannel().send(outgoing(**{field: "Down\r\nBcc: eve@test.mainstay\r\n\r\nHello"}))
    [mail] = smtp.received
    assert mail["Bcc"] is None
    assert mail["Message-ID"] == compose(outgoing()).headers["Message-ID"]


@pytest.mark.parametrize("address", ["", "faith", "faith@x\r\nBcc: eve@x", "a@b, eve@x"])
def test_an_unusable_address_is_a_permanent_error(smtp, address):
    with pytest.raises(DeliveryError) as caught:
        EmailChannel().send(outgoing(recipient_email=address))
    assert caught.value.permanent is True
    assert smtp.connections == 0


@pytest.mark.parametrize(
    ("reply", "permanent"), [("550 no such mailbox", True), ("451 mailbox busy", False), ("552 full", True)]
)
def test_a_refused_recipient(smtp, reply, permanent):
    smtp.replies["faith@test.mainstay"] = reply
    with pytest.raises(DeliveryError) as caught:
        EmailChannel().send(outgoing())
    assert (caught.value.permanent, caught.value.message) == (permanent, f"The mail server said {reply}")


@pytest.mark.parametrize(
    ("reply", "disables"),
    [
        ("550 relaying denied", False),
        ("551 not here", False),
        ("553 no", False),
        ("550 5.7.1 relaying denied", False),
        ("550 5.1.8 bad sender", False),
        ("450 5.1.1 not now", False),
        ("550 5.1.1 no such user", True),
        ("550 5.1.10 no such recipient", True),
        ("550 5.2.1 closed", True),
    ],
)
def test_only_an_enhanced_code_says_that_the_address_is_no_good(smtp, reply, disables):
    smtp.replies["faith@test.mainstay"] = reply
    with pytest.raises(DeliveryError) as caught:
        EmailChannel().send(outgoing())
    assert (caught.value.disables, caught.value.doubts) == (disables, False)


@pytest.mark.parametrize(("reply", "permanent"), [("554 spam", True), ("452 no room", False)])
def test_refused_content(smtp, reply, permanent):
    smtp.data_reply = reply
    with pytest.raises(DeliveryError) as caught:
        EmailChannel().send(outgoing())
    assert caught.value.permanent is permanent


def test_nobody_listening_is_temporary(smtp, settings):
    settings.EMAIL_PORT = 1
    with pytest.raises(DeliveryError) as caught:
        EmailChannel().send(outgoing())
    assert (caught.value.permanent, caught.value.message.split(":")[0]) == (False, "ConnectionRefusedError")


def test_a_server_that_says_nothing_is_temporary_and_costs_one_time_out(smtp, settings):
    settings.EMAIL_TIMEOUT = 0.3
    smtp.silent = True
    began = time.monotonic()
    with pytest.raises(DeliveryError) as caught:
        EmailChannel().send(outgoing())
    assert caught.value.permanent is False
    assert time.monotonic() - began < 15  # the server would be silent for 20


def test_a_bad_farewell_does_not_make_an_accepted_message_leave_twice(smtp):
    smtp.cut_farewell = True
    assert EmailChannel().send(outgoing()) == SENT
    assert len(smtp.received) == 1


def test_without_a_mail_server_it_is_held(settings):
    settings.EMAIL_HOST = ""
    assert EmailChannel().send(outgoing()).kind == "held"


@pytest.mark.django_db(transaction=True)
def test_through_the_engine_a_held_message_stays_in_the_outbox(settings):
    settings.EMAIL_HOST = ""
    alice = make.user()
    tell(alice)
    delivery.tick(NOW)
    assert (of(alice).state, of(alice).next_at) == ("held", None)


@pytest.mark.django_db(transaction=True)
def test_through_the_engine_ten_people_have_one_mail_each(smtp):
    people = [make.user() for _ in range(10)]
    tell(*people)
    delivery.tick(NOW)
    assert sorted(str(mail["To"]) for mail in smtp.received) == sorted(
        f"{person.name} <{person.email}>" for person in people
    )


@pytest.mark.django_db(transaction=True)
def test_through_the_engine_a_silent_server_delays_no_inbox_and_mail_goes_once_it_speaks(smtp, settings):
    settings.EMAIL_TIMEOUT = 0.3
    smtp.silent = True
    alice = make.user()
    tell(alice)
    delivery.tick(NOW)
    assert of(alice, "in_app").state == "sent"
    assert of(alice).state == "pending"
    smtp.silent = False
    settings.EMAIL_TIMEOUT = 5
    delivery.tick(NOW + timedelta(minutes=1))
    assert of(alice).state == "sent"
    assert len(smtp.received) == 1
