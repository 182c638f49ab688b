"""The engine with real incidents as its subject."""

from datetime import timedelta

import pytest

from core.types import person
from incidents.domain import lifecycle
from rotas.domain import escalation
from tests import make
from tests.make import NOW
from tests.rotas.make import called, policy, rota

pytestmark = [pytest.mark.django_db, pytest.mark.journey]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def amina():
    return make.user(name="Amina")


@pytest.fixture
def brian():
    return make.user(name="Brian")


@pytest.fixture
def incident(amina, brian):
    policy(rota(amina, name="L1"), brian, amina, is_default=True, name="Standard")
    return make.incident()


def run_of(incident):
    return escalation.EscalationRun.objects.filter(subject_id=incident.pk).latest("pk")


def tick(minute):
    return escalation.tick(NOW + minute * MINUTE)


def texts(incident):
    return list(incident.entries.filter(kind="call").order_by("pk").values_list("text", flat=True))


def test_the_timeline_says_who_was_called_and_acknowledging_ends_it(incident, amina):
    tick(0)
    assert texts(incident) == ["Called Amina, on call of L1 (step 1 of 3)."]
    lifecycle.acknowledge(incident, actor=person(amina), now=NOW + MINUTE)
    assert [tick(minute) for minute in (5, 60)] == [0, 0]
    assert set(amina.messages.filter(kind="incident.page").values_list("state", flat=True)) == {"cancelled"}


def test_acknowledging_again_ends_a_call_that_was_escalated(incident, amina, brian):
    tick(0)
    lifecycle.acknowledge(incident, actor=person(amina), now=NOW + MINUTE)
    lifecycle.escalate(incident, actor=person(amina), now=NOW + 2 * MINUTE)
    tick(2)
    assert called(run_of(incident)) == [(1, 1, "called", "Amina"), (1, 2, "called", "Brian")]
    for minute in (3, 4):
        lifecycle.acknowledge(incident, actor=person(brian), now=NOW + minute * MINUTE)
    assert [tick(minute) for minute in (7, 60)] == [0, 0]
    assert texts(incident)[-2:] == [
        "Called Brian, named in the policy (step 2 of 3).",
        "Brian acknowledged the call",
    ]


def test_a_reopened_incident_calls_on_until_somebody_acknowledges(incident, amina, brian):
    tick(0)
    lifecycle.resolve(incident, actor=person(amina), now=NOW + MINUTE, resolution="fixed", note="Restarted")
    lifecycle.reopen(incident, actor=person(amina), now=NOW + 10 * MINUTE, note="Again")
    tick(10)
    assert called(run_of(incident))[-1] == (1, 2, "called", "Brian")
    lifecycle.acknowledge(incident, actor=person(brian), now=NOW + 11 * MINUTE)
    assert [tick(minute) for minute in (15, 60)] == [0, 0]


def test_while_an_incident_is_on_hold_nobody_is_called(incident, amina):
    tick(0)
    lifecycle.hold(incident, actor=person(amina), now=NOW + 2 * MINUTE, reason="Client looks")
    assert tick(30) == 0
