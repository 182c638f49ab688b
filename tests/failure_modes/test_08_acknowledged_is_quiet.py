"""8. Acknowledged, and still called: direct pages had a path of their own that no acknowledgement stopped, and
months later a sweeper took old acknowledged incidents for forgotten ones and called everybody.

What holds here: one function ends every call about an incident, whoever sent it; a run that ended has no due
time, so that nothing can find it again. Beside this: `tests/incidents/test_lifecycle.py`,
`tests/rotas/test_escalation_journeys.py` (calls of a policy).
"""

from datetime import timedelta

import pytest

from core.types import person
from incidents.domain import clocks, intake, lifecycle
from incidents.models import Incident
from notifications.domain import delivery
from notifications.models import Message, PersonalRule
from rotas.domain import escalation
from rotas.models import Call, EscalationRun
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
CALLS = ("incident.page", "incident.assigned", "incident.major")


@pytest.fixture(autouse=True)
def _quiet(settings, email):
    settings.MAINSTAY_NUDGES = False


def tick(now) -> None:
    for engine in (intake, clocks, escalation, delivery):
        while engine.tick(now):
            pass


def patient(**fields):
    """Somebody whose phone rings half an hour after the inbox."""
    made = make.user(**fields)
    PersonalRule.objects.create(user=made, urgency="urgent", channel="in_app", delay_minutes=0)
    PersonalRule.objects.create(user=made, urgency="urgent", channel="email", delay_minutes=30, position=1)
    return made


def waiting() -> list[str]:
    """Kinds of the messages that have yet to call somebody."""
    rows = Message.objects.filter(kind__in=CALLS, next_at__isnull=False).exclude(channel="in_app")
    return sorted(rows.values_list("kind", flat=True))


def end(verb: str, incident: Incident, actor, now) -> None:
    extra = {"reason": "a drill"} if verb == "cancel" else {}
    getattr(lifecycle, verb)(incident, actor=actor, now=now, **extra)


@pytest.mark.parametrize("verb", ["acknowledge", "investigate", "mitigate", "resolve", "cancel"])
def test_it_calls_back_the_policys_call_and_the_direct_ones(verb, email):
    amina, brian, lead = patient(), patient(), patient(role="lead")
    make.policy(amina, amina)
    service = make.service(owning_team=make.team(lead=lead))
    incident = make.incident(service=service, impact="high", urgency="high")
    tick(NOW)
    lifecycle.assign(incident, actor=person(lead), now=NOW, owner=brian)
    lifecycle.escalate(incident, actor=person(make.user()), now=NOW)
    tick(NOW)
    assert set(waiting()) == set(CALLS)
    assert email.sent == []

    end(verb, incident, person(make.user()), NOW + MINUTE)

    assert waiting() == []
    assert not EscalationRun.objects.filter(next_at__isnull=False).exists()
    tick(NOW + DAY)
    assert [out.kind for out in email.sent if out.kind in CALLS] == []


@pytest.mark.parametrize("verb", ["resolve", "cancel"])
def test_what_is_over_reminds_of_no_promise(verb, email):
    lead = patient(role="lead")
    incident = make.incident(service=make.service(owning_team=make.team(lead=lead)))
    tick(NOW + 15 * MINUTE)  # the acknowledge promise is late
    assert Message.objects.filter(kind="clock.breach", channel="email", state="pending").count() == 1
    end(verb, incident, person(make.user()), NOW + 16 * MINUTE)
    tick(NOW + DAY)
    assert [out.kind for out in email.sent if out.kind == "clock.breach"] == []


def test_given_to_somebody_after_the_acknowledgement_it_calls_until_they_say_so(email):
    brian = patient()
    amina = person(make.user())
    incident = lifecycle.acknowledge(make.incident(), actor=amina, now=NOW)
    lifecycle.assign(incident, actor=amina, now=NOW, owner=brian)
    tick(NOW)
    assert waiting() == ["incident.assigned"]
    lifecycle.acknowledge(incident, actor=person(brian), now=NOW + MINUTE)
    assert waiting() == []
    assert Message.objects.get(recipient=brian, channel="in_app").state == "sent"


def test_the_news_that_it_was_given_to_somebody_still_reaches_their_inbox():
    brian = patient()
    incident = make.incident()
    lifecycle.assign(incident, actor=person(make.user()), now=NOW, owner=brian)
    lifecycle.acknowledge(incident, actor=person(make.user()), now=NOW)  # before delivery has ticked
    tick(NOW)
    states = dict(Message.objects.filter(recipient=brian).values_list("channel", "state"))
    assert states == {"in_app": "sent", "email": "cancelled"}


def test_acknowledged_long_ago_it_never_calls_again_by_itself():
    amina, brian = make.user(), make.user()
    make.policy(amina, brian, repeats=3)
    incident = make.incident()
    tick(NOW)
    lifecycle.acknowledge(incident, actor=person(amina), now=NOW + MINUTE)
    called = list(Call.objects.values_list("pk", flat=True))
    for day in range(1, 120, 7):
        tick(NOW + day * DAY)
    assert list(Call.objects.values_list("pk", flat=True)) == called
    assert waiting() == []


def test_nor_does_it_after_a_wait_for_the_client():
    amina = make.user()
    make.policy(amina, amina)
    incident = make.incident()
    tick(NOW)
    actor = person(amina)
    lifecycle.acknowledge(incident, actor=actor, now=NOW + MINUTE)
    lifecycle.hold(incident, actor=actor, now=NOW + 2 * MINUTE, reason="asked for samples")
    lifecycle.resume(incident, actor=actor, now=NOW + 30 * DAY)
    called = Call.objects.count()
    tick(NOW + 31 * DAY)
    assert Call.objects.count() == called


def test_taken_while_it_waits_for_the_client_it_does_not_call_once_it_goes_on():
    amina = make.user()
    make.policy(amina, amina)
    incident = make.incident()
    tick(NOW)
    actor = person(amina)
    lifecycle.hold(incident, actor=actor, now=NOW + MINUTE, reason="asked for samples")
    incident = lifecycle.acknowledge(incident, actor=actor, now=NOW + 2 * MINUTE)
    assert (incident.state, incident.owner, incident.acknowledged_at) == (
        "on_hold",
        amina,
        NOW + 2 * MINUTE,
    )
    assert incident.clocks.get(kind="acknowledge").state == "met"
    incident = lifecycle.resume(incident, actor=actor, now=NOW + DAY)
    assert incident.state == "investigating"
    called = Call.objects.count()
    tick(NOW + 2 * DAY)
    assert Call.objects.count() == called
