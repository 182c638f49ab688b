"""The engine with real incidents as its subject."""

from datetime import timedelta

import pytest

from core.types import person
from incidents.domain import clocks, lifecycle
from rotas.domain import escalation
from tests import make
from tests.make import NOW
from tests.rotas.make import called, policy, rota

pytestmark = [pytest.mark.django_db, pytest.mark.journey]
MINUTE = timedelta(minutes=1)


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


def states(person):
    rows = person.messages.filter(channel="email").order_by("pk")
    return list(rows.values_list("kind", "state"))


@pytest.fixture
def by_mail_later(brian):
    """Whoever writes to Brian urgently reaches him by mail after ten minutes."""
    brian.notification_rules.create(urgency="urgent", channel="email", delay_minutes=10, position=0)
    return brian


def test_acknowledging_calls_a_direct_page_back(incident, amina, by_mail_later):
    lifecycle.assign(incident, actor=person(amina), now=NOW, owner=by_mail_later)
    assert states(by_mail_later) == [("incident.assigned", "pending")]
    lifecycle.acknowledge(incident, actor=person(amina), now=NOW + MINUTE)
    assert states(by_mail_later) == [("incident.assigned", "cancelled")]


def test_acknowledging_again_calls_back_a_page_that_came_after_the_first(incident, amina, by_mail_later):
    lifecycle.acknowledge(incident, actor=person(amina), now=NOW)
    lifecycle.assign(incident, actor=person(amina), now=NOW + MINUTE, owner=by_mail_later)
    lifecycle.acknowledge(incident, actor=person(by_mail_later), now=NOW + 2 * MINUTE)
    assert states(by_mail_later) == [("incident.assigned", "cancelled")]


def test_giving_it_to_somebody_else_calls_the_first_page_back(incident, amina, by_mail_later):
    lifecycle.assign(incident, actor=person(amina), now=NOW, owner=by_mail_later)
    lifecycle.assign(incident, actor=person(by_mail_later), now=NOW + MINUTE, owner=amina)
    assert states(by_mail_later) == [("incident.assigned", "cancelled")]
    assert set(amina.messages.filter(kind="incident.assigned").values_list("state", flat=True)) == {"pending"}


@pytest.mark.parametrize("end", ["resolve", "cancel"])
def test_the_end_calls_back_whatever_waits_about_it(incident, amina, by_mail_later, end):
    lead = incident.service.owning_team
    lead.lead = by_mail_later
    lead.save()
    lifecycle.assign(incident, actor=person(amina), now=NOW, owner=by_mail_later)
    clocks.tick(NOW + 24 * 60 * MINUTE)
    tick(0)
    waiting = {kind for kind, state in states(by_mail_later) if state == "pending"}
    assert waiting == {"incident.assigned", "clock.breach"}
    inputs = {"resolve": {"resolution": "fixed", "note": "Restarted"}, "cancel": {"reason": "A test"}}[end]
    getattr(lifecycle, end)(incident, actor=person(amina), now=NOW + 24 * 60 * MINUTE + MINUTE, **inputs)
    left = {kind for kind, state in states(by_mail_later) if state == "pending"}
    assert left <= {"incident.resolved"}
