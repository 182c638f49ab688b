"""An incident waits for the client, or its service is in maintenance, while somebody is being called.

At OnCall an escalation that was paused was lost: nothing called after the pause. Others start the wait anew, so
that a paused call is late by up to a whole wait each time, or they count the pause, so that everybody is called
at once when it ends. Here a pause keeps what is left of the wait, to the microsecond, however often; each
reason to pause is lifted on its own, and a call that is acknowledged meanwhile stays quiet for good.
"""

from datetime import timedelta

import pytest

from core.types import person
from incidents.domain import lifecycle
from rotas.domain import escalation
from rotas.models import EscalationRun
from tests import make
from tests.make import NOW
from tests.rotas.make import MINUTE, called, policy

pytestmark = [pytest.mark.django_db, pytest.mark.journey]
WINDOW = "maintenance window"
TINY = timedelta(microseconds=1)


@pytest.fixture
def run(case, amina, brian):
    """Amina has been called; Brian is due five minutes after NOW."""
    made = escalation.start("case", case, policy(amina, brian), now=NOW)
    escalation.tick(NOW)
    return made


def at(minute):
    return NOW + minute * MINUTE


def pause(case, minute, **reason):
    return escalation.pause("case", case, now=at(minute), **reason)


def resume(case, minute, **reason):
    return escalation.resume("case", case, now=at(minute), **reason)


def due(run):
    run.refresh_from_db()
    return run.next_at


def test_the_wait_that_was_left_is_kept_to_the_microsecond(case, run):
    odd = timedelta(seconds=17, microseconds=123_457)
    escalation.pause("case", case, now=NOW + odd)
    escalation.resume("case", case, now=at(60))
    left = at(60) + 5 * MINUTE - odd
    assert due(run) == left
    assert escalation.tick(left - TINY) == 0
    assert escalation.tick(left) == 1


def test_pauses_sum_however_many_there_are(case, run):
    for second in range(100):
        # half of each second is paused
        began = NOW + timedelta(seconds=second, microseconds=500_001)
        escalation.pause("case", case, now=began)
        escalation.resume("case", case, now=began + timedelta(microseconds=500_000))
    assert due(run) == at(5) + timedelta(microseconds=50_000_000)


def test_a_reason_is_lifted_on_its_own(case, run):
    pause(case, 1)
    pause(case, 2, reason=WINDOW)
    resume(case, 10)
    run.refresh_from_db()
    assert (run.state, run.paused_for, escalation.tick(at(60))) == ("paused", [WINDOW], 0)
    resume(case, 20, reason=WINDOW)
    assert due(run) == at(24)


def test_the_same_reason_twice_is_one_and_one_that_never_began_lifts_nothing(case, run):
    pause(case, 1)
    pause(case, 2)
    resume(case, 3, reason=WINDOW)
    run.refresh_from_db()
    assert run.state == "paused"
    resume(case, 10)
    assert due(run) == at(14)
    resume(case, 11)
    assert due(run) == at(14)


def test_a_step_that_was_due_when_the_pause_began_is_due_when_it_ends(case, run):
    pause(case, 7)
    assert escalation.tick(at(30)) == 0
    resume(case, 30)
    assert (due(run), escalation.tick(at(30))) == (at(30), 1)
    assert called(run)[-1] == (1, 2, "called", "Brian")


def test_a_resume_long_after_the_step_would_have_been_due_still_waits_what_was_left(case, run):
    pause(case, 4)
    resume(case, 600)
    assert (due(run), escalation.tick(at(600.9)), escalation.tick(at(601))) == (at(601), 0, 1)


def test_messages_that_waited_when_the_pause_began_do_not_leave(case, amina, brian):
    amina.notification_rules.create(urgency="urgent", channel="email", delay_minutes=3, position=0)
    escalation.start("case", case, policy(amina, brian), now=NOW)
    escalation.tick(NOW)
    pause(case, 1)
    assert list(amina.messages.filter(channel="email").values_list("state", flat=True)) == ["cancelled"]


def test_a_run_that_a_release_before_has_paused_goes_on_with_its_whole_seconds(case, run):
    EscalationRun.objects.filter(pk=run.pk).update(state="paused", next_at=None, wait_left=90)
    resume(case, 60)
    assert due(run) == at(61.5)


def test_calling_now_ends_a_pause(case, run, amina):
    pause(case, 1)
    escalation.escalate_now("case", case, actor=person(amina), now=at(2))
    assert (escalation.tick(at(2)), called(run)[-1]) == (1, (1, 2, "called", "Brian"))
    assert resume(case, 3).next_at == at(7)


@pytest.fixture
def incident(amina, brian):
    make.policy(amina, brian)
    made = make.incident()
    escalation.tick(NOW)
    return made


def walked(incident):
    return called(EscalationRun.objects.get(subject_id=incident.pk))


def hold(incident, actor, minute):
    return lifecycle.hold(incident, actor=person(actor), now=at(minute), reason="The client looks")


def test_acknowledged_on_hold_nobody_is_called_any_more(incident, amina):
    hold(incident, amina, 2)
    lifecycle.investigate(incident, actor=person(amina), now=at(10))
    assert [escalation.tick(at(minute)) for minute in (10, 13, 600)] == [0, 0, 0]
    run = EscalationRun.objects.get(subject_id=incident.pk)
    assert (run.state, run.end_reason, run.paused_for) == ("stopped", "acknowledged", [])


def test_hold_and_resume_go_on_with_the_rest_of_the_wait(incident, amina):
    hold(incident, amina, 2)
    lifecycle.resume(incident, actor=person(amina), now=at(30))
    assert [escalation.tick(at(minute)) for minute in (32.9, 33)] == [0, 1]
    assert walked(incident)[-1] == (1, 2, "called", "Brian")


def test_a_reopened_call_that_is_put_on_hold_is_not_forgotten(incident, amina):
    lifecycle.resolve(incident, actor=person(amina), now=at(1), resolution="fixed", note="Restarted")
    lifecycle.reopen(incident, actor=person(amina), now=at(10), note="Again")
    hold(incident, amina, 10)
    assert escalation.tick(at(20)) == 0
    lifecycle.resume(incident, actor=person(amina), now=at(30))
    assert escalation.tick(at(30)) == 1
    assert walked(incident)[-1] == (1, 2, "called", "Brian")
