"""A severity that changes takes promises, people and calls along."""

from datetime import timedelta

import pytest

from core.types import person
from incidents.domain import clocks, intake, lifecycle
from incidents.domain.edit import edit
from incidents.models import Clock, Incident
from incidents.queries import promises
from notifications.models import Message
from rotas.domain import escalation
from rotas.models import EscalationRun, PolicyAssignment
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
# SEV3 promises a resolution only, SEV4 nothing.
TARGETS = {"SEV1": (5, 60), "SEV2": (15, 240)}


@pytest.fixture
def lead():
    return make.user("lead", name="Lena")


@pytest.fixture
def service(lead):
    return make.service(agreement=make.agreement(TARGETS), owning_team=make.team(lead=lead))


def grade(incident, severity, minute, by=None):
    return edit(
        incident,
        actor=person(by or make.user()),
        now=NOW + minute * MINUTE,
        changes={"severity": severity, "severity_reason": "as we know now"},
    )


def counts(incident, kind="resolve"):
    """Each count of a promise: its state, and when it is due in minutes after NOW."""
    return [
        (clock.state, (clock.due_at - NOW) / MINUTE)
        for clock in incident.clocks.filter(kind=kind).order_by("cycle")
    ]


def test_promises_that_only_the_new_severity_makes_count_from_the_opening(service):
    incident = make.incident(service=service, severity="SEV4", impact="low", urgency="low")
    assert counts(incident) == []

    grade(incident, "SEV2", 10)

    assert (counts(incident, "acknowledge"), counts(incident)) == ([("running", 15)], [("running", 240)])
    incident.refresh_from_db()
    assert incident.next_due_at == NOW + 15 * MINUTE


def test_lowered_and_raised_again_the_promise_counts_on_without_the_time_on_hold(service):
    incident = make.incident(service=service)
    alice = person(make.user())
    lifecycle.acknowledge(incident, actor=alice, now=NOW)
    grade(incident, "SEV4", 10)
    lifecycle.hold(incident, actor=alice, now=NOW + 20 * MINUTE, reason="client")
    lifecycle.resume(incident, actor=alice, now=NOW + 50 * MINUTE)

    grade(incident, "SEV2", 60)

    assert counts(incident) == [("cancelled", 240), ("running", 270)]
    assert counts(incident, "acknowledge") == [("met", 15)]


def test_raised_while_it_is_on_hold_the_promise_waits_too(service):
    incident = make.incident(service=service, severity="SEV4", impact="low", urgency="low")
    alice = person(make.user())
    lifecycle.hold(incident, actor=alice, now=NOW + 20 * MINUTE, reason="client")
    grade(incident, "SEV2", 60)
    assert incident.clocks.get(kind="resolve").left_seconds == 220 * 60

    lifecycle.resume(incident, actor=alice, now=NOW + 80 * MINUTE)

    assert counts(incident) == [("running", 300)]


def test_a_breach_stays_in_the_numbers_however_the_severity_is_lowered(service):
    incident = make.incident(service=service)
    clocks.tick(NOW + 241 * MINUTE)

    grade(incident, "SEV4", 250)
    broken = promises.decided().filter(incident=incident, kind="resolve")
    assert [(clock.state, clock.breached_at) for clock in broken] == [("cancelled", NOW + 240 * MINUTE)]

    grade(incident, "SEV2", 260)
    assert [(clock.cycle, clock.breached_at) for clock in broken.all()] == [(2, NOW + 240 * MINUTE)]

    lifecycle.cancel(incident, actor=person(make.user("lead")), now=NOW + 270 * MINUTE, reason="a test")
    assert list(broken.all()) == []


def test_whoever_was_warned_of_a_short_time_is_warned_of_the_longer_one_too(service, lead):
    incident = make.incident(service=service, impact="high", urgency="high")
    lifecycle.acknowledge(incident, actor=person(make.user()), now=NOW)
    clocks.tick(NOW + 55 * MINUTE)
    grade(incident, "SEV2", 56)

    clocks.tick(NOW + 230 * MINUTE)

    assert [entry.text for entry in incident.entries.filter(kind="clock").order_by("pk")] == [
        "Resolve is due in 5 min",
        "Resolve is due in 10 min",
    ]
    assert Message.objects.filter(kind="clock.warn", channel="in_app").count() == 2


def test_setting_an_ended_incident_right_wakes_nobody_and_counts_once_it_is_reopened(service, lead):
    incident = make.incident(service=service)
    alice = make.user()
    lifecycle.acknowledge(incident, actor=person(alice), now=NOW)
    lifecycle.resolve(incident, actor=person(alice), now=NOW + 10 * MINUTE)
    Message.objects.all().delete()

    grade(incident, "SEV1", 20)

    assert Message.objects.count() == 0
    assert counts(incident) == [("met", 240)]
    lifecycle.reopen(incident, actor=person(alice), now=NOW + 40 * MINUTE)
    assert counts(incident) == [("met", 240), ("running", 90)]


def test_acknowledged_on_hold_within_its_time_it_is_kept():
    agreement = make.agreement(TARGETS, pausable_acknowledge=True)
    incident = make.incident(service=make.service(agreement=agreement))
    alice = person(make.user(name="Alice"))
    lifecycle.hold(incident, actor=alice, now=NOW + 5 * MINUTE, reason="client")

    lifecycle.acknowledge(incident, actor=alice, now=NOW + 60 * MINUTE)

    clock = incident.clocks.get(kind="acknowledge")
    assert (clock.state, clock.breached_at, clock.due_at) == ("met", None, NOW + 70 * MINUTE)
    assert incident.entries.filter(kind="state").latest("pk").text == "Alice acknowledged, 10 min to spare"


def test_what_was_late_when_the_hold_began_is_not_forgiven():
    agreement = make.agreement(TARGETS, pausable_acknowledge=True)
    incident = make.incident(service=make.service(agreement=agreement))
    alice = person(make.user(name="Alice"))
    lifecycle.hold(incident, actor=alice, now=NOW + 17 * MINUTE, reason="client")

    lifecycle.acknowledge(incident, actor=alice, now=NOW + 60 * MINUTE)

    assert incident.clocks.get(kind="acknowledge").breached_at == NOW + 15 * MINUTE
    assert incident.entries.filter(kind="state").latest("pk").text == "Alice acknowledged, 2 min late"


def test_raised_after_an_acknowledgement_the_owner_hears_and_its_policy_calls(service, lead):
    owner, day, major = make.user(), make.user(), make.user()
    make.policy(day)
    for_major = make.policy(major, is_default=False, name="Major")
    PolicyAssignment.objects.create(policy=for_major, severity="SEV1")
    incident = make.incident(service=service)
    escalation.tick(NOW)
    lifecycle.acknowledge(incident, actor=person(owner), now=NOW + MINUTE)

    grade(incident, "SEV1", 5)
    escalation.tick(NOW + 5 * MINUTE)

    told = Message.objects.filter(kind="incident.major", channel="in_app", urgency="urgent")
    assert {message.recipient_id for message in told} == {owner.pk, lead.pk}
    assert major.messages.filter(kind="incident.page", channel="in_app").count() == 1
    assert EscalationRun.objects.latest("pk").policy_id == for_major.pk
    words = list(incident.entries.filter(kind="call").order_by("-pk").values_list("text", flat=True))
    assert words[1] == "Raised to SEV1: the policy Major calls from its first step"


def test_raised_while_its_policy_calls_the_call_goes_on(service):
    policy = make.policy(make.user())
    incident = make.incident(service=service)

    grade(incident, "SEV1", 1)

    assert [run.policy_id for run in EscalationRun.objects.all()] == [policy.pk]


def test_raised_by_an_alert_calls_whoever_is_on_call_again(service):
    day = make.user()
    make.policy(day)
    make.alert(service, severity="warning")
    intake.tick(NOW)
    lifecycle.acknowledge(Incident.objects.get(), actor=person(make.user()), now=NOW)
    make.alert(service, severity="critical", at=NOW + MINUTE)

    intake.tick(NOW + MINUTE)
    escalation.tick(NOW + MINUTE)

    assert Incident.objects.get().severity == "SEV1"
    assert day.messages.filter(kind="incident.page", channel="in_app").count() == 1


def test_lowered_and_raised_again_tells_again(service, lead):
    incident = make.incident(service=service, impact="high", urgency="high")

    grade(incident, "SEV3", 1)
    grade(incident, "SEV1", 2)

    assert lead.messages.filter(kind="incident.major", channel="in_app").count() == 2


def test_a_major_incident_of_a_team_without_a_lead_is_told_to_leads_and_administrators(lead):
    make.policy(make.user())

    incident = make.incident(service=make.service(), impact="high", urgency="high")

    assert lead.messages.filter(channel="in_app", urgency="urgent").count() == 1
    assert incident.entries.filter(kind="call").latest("pk").text == (
        "The owning team has no active lead. Told the leads and administrators: Lena."
    )
    assert Clock.objects.filter(incident=incident).count() == 2
