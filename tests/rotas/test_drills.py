"""Fire drills: the real chain, marked messages, and how fast somebody answered."""

import pytest
from django.urls import reverse

from core.errors import IllegalState, Invalid, NotAllowed
from core.types import person
from rotas.actions import AnswerDrill
from rotas.domain import drills, escalation
from rotas.models import FireDrill
from tests import make
from tests.make import NOW
from tests.rotas.make import MINUTE, policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return make.user("lead", name="Grace")


@pytest.fixture
def service(amina, brian):
    policy(amina, brian, is_default=True)
    return make.service(name="Fraud score")


def begin(service, lead, severity="SEV2") -> FireDrill:
    drill = drills.begin_drill(service, severity, actor=person(lead), now=NOW)
    escalation.tick(NOW)
    return drill


def lines(drill) -> list[str]:
    return list(drill.lines.values_list("text", flat=True))


def test_people_are_really_called_and_the_message_says_that_it_is_a_drill(service, lead, amina):
    drill = begin(service, lead)
    message = amina.messages.get(channel="in_app")
    assert "FIRE DRILL, nothing is broken: Fraud score" in message.subject
    assert (message.urgency, message.kind, message.about_ref) == ("urgent", "drill.page", drill.ref)
    assert lines(drill)[0].startswith("Grace began a drill")
    assert "Called Amina" in lines(drill)[1]


def test_who_was_called_answers_and_the_time_is_kept(service, lead, amina, brian):
    drill = begin(service, lead)
    with pytest.raises(NotAllowed):
        drills.acknowledge_drill(drill, brian, now=NOW)
    done = drills.acknowledge_drill(drill, amina, now=NOW + 3 * MINUTE)
    assert (done.state, done.acknowledged_by, done.acknowledged_at - done.started_at) == (
        "acknowledged", amina, 3 * MINUTE,
    )  # fmt: skip
    assert escalation.tick(NOW + 60 * MINUTE) == 0
    with pytest.raises(IllegalState, match="over"):
        drills.acknowledge_drill(drill, amina, now=NOW + 4 * MINUTE)


def test_nobody_answers(service, lead):
    drill = begin(service, lead)
    for minute in (5, 10):
        escalation.tick(NOW + minute * MINUTE)
    drill.refresh_from_db()
    assert (drill.state, drill.ended_at) == ("unanswered", NOW + 10 * MINUTE)


def test_it_answers_from_the_message(service, lead, amina, brian):
    drill, action = begin(service, lead), AnswerDrill()
    assert action.look(drill.ref, user=amina, now=NOW).is_open_to_do
    assert action.look("DRL-x", user=amina, now=NOW) is None
    assert not action.do(drill.ref, actor=person(brian, via="link"), now=NOW).did
    assert action.do(drill.ref, actor=person(amina, via="link"), now=NOW).did
    assert not action.do(drill.ref, actor=person(amina, via="link"), now=NOW).did
    assert lines(drill)[-1] == "Amina answered by link."


def test_one_drill_of_a_service_at_a_time_and_none_without_a_policy(service, lead):
    drill = begin(service, lead)
    with pytest.raises(IllegalState, match="runs already"):
        begin(service, lead)
    drills.cancel_drill(drill, actor=person(lead), now=NOW)
    assert begin(service, lead).pk != drill.pk
    with pytest.raises(Invalid, match="severity"):
        begin(service, lead, "SEV9")


def test_without_a_policy_nothing_begins(lead):
    with pytest.raises(Invalid, match="No escalation policy"):
        drills.begin_drill(make.service(), "SEV1", actor=person(lead), now=NOW)


def test_the_pages(service, lead, amina, client):
    client.force_login(lead)
    assert client.get(reverse("rotas:drills")).status_code == 200
    answer = client.post(reverse("rotas:drills"), {"service": service.slug, "severity": "SEV2"})
    drill = FireDrill.objects.get()
    assert answer.url == reverse("rotas:drill", args=[drill.pk])
    escalation.tick(drill.started_at)
    client.force_login(amina)
    page = client.get(reverse("rotas:drill", args=[drill.pk])).content.decode()
    assert "Answer" in page
    client.post(reverse("rotas:drill_verb", args=[drill.pk, "answer"]))
    drill.refresh_from_db()
    assert drill.state == "acknowledged"
    assert client.get(reverse("rotas:drills")).status_code == 200
    assert client.post(reverse("rotas:drill_verb", args=[drill.pk, "cancel"])).status_code == 403
