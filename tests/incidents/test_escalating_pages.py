"""Escalating from the page and by API: the step and the person are chosen from lists."""

import pytest

from accounts.models import User
from core import clock
from incidents.models import Entry, Incident
from rotas.domain import escalation
from rotas.models import EscalationRun
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob() -> User:
    return make.user(name="Bob Responder")


@pytest.fixture
def lena() -> User:
    return make.user("lead", name="Lena Lead", email="lena@test.mainstay")


@pytest.fixture
def incident(bob, lena) -> Incident:
    make.policy(bob, lena)
    return make.incident(now=clock.now())


def text(response) -> str:
    return response.content.decode()


def escalate(client, incident, **data):
    return client.post(f"/incidents/{incident.ref}/escalate/", data)


def test_steps_and_people_are_asked_for_when_the_dialog_is_seen(client, incident, bob, lena):
    client.force_login(bob)
    whole = text(client.get(f"/incidents/{incident.ref}/escalate/", headers={"hx-request": "true"}))
    steps = text(client.get(f"/incidents/{incident.ref}/steps/"))
    people = text(client.get(f"/incidents/{incident.ref}/callable/"))

    assert f'hx-get="/incidents/{incident.ref}/steps/"' in whole
    assert f'hx-get="/incidents/{incident.ref}/callable/"' in whole
    assert '<option value="2">' not in whole
    assert '<option value="2">2 · Lena Lead (named in the policy)</option>' in steps
    assert '<option value="" selected>The next one</option>' in steps
    assert f'<option value="{lena.pk}">Lena Lead</option>' in people


def test_somebody_chosen_on_the_page_is_called(client, incident, bob, lena):
    client.force_login(bob)
    assert escalate(client, incident, step="", person=lena.pk, note="").status_code == 302
    assert Entry.objects.filter(incident=incident, text="Bob Responder escalated to Lena Lead").exists()
    escalation.tick(clock.now())
    assert [call.user for call in EscalationRun.objects.get().calls.all()] == [lena]


def test_both_at_once_and_outsiders_are_refused_on_the_page(client, incident, bob, lena):
    outside = make.user("stakeholder", name="Alice Outside")
    client.force_login(bob)
    assert escalate(client, incident, step="2", person=lena.pk).status_code == 400
    assert escalate(client, incident, person=outside.pk).status_code == 400
    assert not Entry.objects.filter(incident=incident, text__contains="escalated").exists()


def test_a_person_is_called_by_api(client, incident, bob, lena):
    client.force_login(bob)

    def post(**body):
        path = f"/api/v1/incidents/{incident.ref}/escalate/"
        return client.post(path, body, "application/json")

    assert post(person=lena.email).status_code == 200
    assert Entry.objects.filter(incident=incident, text="Bob Responder escalated to Lena Lead").exists()
    both = post(person=lena.email, step=2)
    assert (both.status_code, set(both.json()["error"]["fields"])) == (400, {"step", "person"})
    robot = make.user("service", email="robot@test.mainstay")
    assert [post(person=email).status_code for email in (robot.email, "nobody@test.mainstay")] == [400, 400]
    assert post(person=None).status_code == 200
