"""Called at night: the link in the mail is enough."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from core import clock
from incidents.models import Entry, Incident
from notifications.channels.email import compose
from notifications.domain.outgoing import outgoing_of
from notifications.models import Message, PersonalRule
from rotas.models import EscalationRun
from tests import make
from tests.journeys.test_alert_to_resolved import firing, forward, intake_path, paged, post, tick

pytestmark = [pytest.mark.django_db, pytest.mark.journey]


@pytest.fixture(autouse=True)
def _movable_time(settings):
    settings.MAINSTAY_TEST_CLOCK = True
    settings.MAINSTAY_NUDGES = False
    settings.MAINSTAY_PUBLIC_URL = "https://ops.test"
    settings.EMAIL_HOST = ""


def test_the_link_in_the_mail_ends_the_call(client, capsys):
    alice, bob = make.user(name="Alice A"), make.user(name="Bob B")
    make.policy(alice, bob, wait=5)
    PersonalRule.objects.create(user=alice, urgency="urgent", channel="in_app", delay_minutes=0, position=0)
    PersonalRule.objects.create(user=alice, urgency="urgent", channel="email", delay_minutes=1, position=1)
    service = make.service(slug="feature-store", tier=1)
    post(client, intake_path(capsys), firing(service))
    tick()
    incident = Incident.objects.get()

    forward(6)  # alice's mail is out, bob is called too
    mail = Message.objects.get(recipient=alice, kind="incident.page", channel="email")
    assert mail.state == "held"
    lines = compose(outgoing_of(mail)).text.splitlines()
    link = lines[lines.index("Acknowledge without signing in:") + 1]
    assert re.fullmatch(r"https://ops\.test/do/[\w.~-]+/", link)

    phone = Client(enforce_csrf_checks=True)
    path = link.removeprefix("https://ops.test")
    assert phone.get(path).status_code == 200
    incident.refresh_from_db()
    assert incident.state == "new"
    assert phone.post(path).status_code == 200

    incident.refresh_from_db()
    assert (incident.state, incident.owner) == ("acknowledged", alice)
    assert incident.clocks.get(kind="acknowledge").state == "met"
    assert list(EscalationRun.objects.values_list("state", "next_at")) == [("stopped", None)]
    assert not Message.objects.filter(kind="incident.page", next_at__isnull=False).exists()
    said = Entry.objects.get(incident=incident, kind="state").text
    assert said.startswith("Alice A acknowledged by link, ")
    before = (paged(alice), paged(bob))
    forward(600)
    assert (paged(alice), paged(bob)) == before == (1, 1)


def test_what_still_waits_for_its_delay_is_called_back(client, capsys):
    alice, bob = make.user(), make.user()
    make.policy(alice, wait=5)
    for person in (alice, bob):
        PersonalRule.objects.create(user=person, urgency="urgent", channel="in_app", delay_minutes=0)
        PersonalRule.objects.create(
            user=person, urgency="urgent", channel="email", delay_minutes=30, position=1
        )
    post(client, intake_path(capsys), firing(make.service()))
    tick()
    mail = Message.objects.get(recipient=alice, kind="incident.page", channel="email")
    assert mail.state == "pending"
    phone = Client()
    assert phone.post(outgoing_of(mail).action_url.removeprefix("https://ops.test")).status_code == 200
    mail.refresh_from_db()
    assert (mail.state, mail.error) == ("cancelled", "acknowledged")
    clock.shift_by(timedelta(hours=2))
    tick()
    mail.refresh_from_db()
    assert mail.state == "cancelled"
