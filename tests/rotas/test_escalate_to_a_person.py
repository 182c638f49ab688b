"""Somebody by name is called beside the policy, and the chain goes on behind them."""

import pytest

from accounts.models import AuditEntry
from core.errors import IllegalState, Invalid
from core.types import person
from incidents.domain import lifecycle, people
from incidents.models import Entry
from rotas.domain import escalation
from rotas.models import EscalationRun, PolicyStep
from rotas.queries.steps_now import steps_now
from tests import make
from tests.make import NOW
from tests.rotas.make import HOUR, MINUTE, called, messages_to, override, policy, rota

pytestmark = pytest.mark.django_db


@pytest.fixture
def chege():
    return make.user(name="Chege")


@pytest.fixture
def dalia():
    return make.user(name="Dalia")


def tick(minute) -> int:
    done, at = 0, NOW + minute * MINUTE
    while count := escalation.tick(at):
        done += count
    return done


def opened():
    incident = make.incident()
    return incident, EscalationRun.objects.filter(subject_id=incident.pk).first()


def escalate(incident, actor, minute, **fields):
    return people.escalate(incident, actor=person(actor), now=NOW + minute * MINUTE, **fields)


def said(incident) -> list[str]:
    return list(
        Entry.objects.filter(incident=incident, kind="call").order_by("pk").values_list("text", flat=True)
    )


def names(run) -> list[str]:
    return [row[3] for row in called(run)]


def urgent(user) -> int:
    """How many pages a person got in the portal."""
    return user.messages.filter(channel="in_app", kind="incident.page").count()


def test_the_person_is_called_at_once_and_the_chain_goes_on_behind(amina, brian, chege, dalia):
    walked = policy(amina, brian, dalia, name="Payments", is_default=True)
    PolicyStep.objects.filter(policy=walked, position=2).update(wait_minutes=9)
    incident, run = opened()
    tick(0)
    escalate(incident, amina, 1, person=chege)
    tick(1)
    assert names(run) == ["Amina", "Chege"]
    run.refresh_from_db()
    # the wait of the step that would have come
    assert (run.state, run.next_at) == ("running", NOW + 10 * MINUTE)
    assert [tick(9.9), tick(10), tick(19)] == [0, 1, 1]
    assert names(run) == ["Amina", "Chege", "Brian", "Dalia"]
    lines = said(incident)
    assert "Amina escalated to Chege" in lines
    assert "Called Chege, chosen by Amina (by hand)." in lines
    assert "Called Brian, named in the policy (step 2 of 3)." in lines
    body = chege.messages.filter(channel="in_app").get().body
    assert "Why you: chosen by Amina, by hand, beside Payments." in body
    assert "within 9 min, step 2 is called" in body


def test_the_audit_trail_says_who_was_called(amina, brian, chege):
    policy(amina, brian, is_default=True)
    incident, _run = opened()
    escalate(incident, amina, 1, person=chege, note="She wrote it")
    entry = AuditEntry.objects.get(action="escalation.call_next")
    assert (entry.actor_id, entry.detail["person"], entry.detail["name"]) == (amina.pk, chege.pk, "Chege")
    line = Entry.objects.get(incident=incident, text="Amina escalated to Chege")
    assert line.data == {"note": "She wrote it", "person": chege.pk}


def test_whoever_is_called_twice_in_a_round_is_called_twice(amina, chege):
    policy(amina, chege, is_default=True)
    incident, run = opened()
    tick(0)
    for minute in (1, 2):
        escalate(incident, amina, minute, person=chege)
        assert tick(minute) == 1
    tick(7)
    assert called(run) == [
        (1, 1, "called", "Amina"), (1, 2, "called", "Chege"), (1, 3, "called", "Chege"), (1, 4, "called", "Chege"),
    ]  # fmt: skip
    assert urgent(chege) == 3


def test_pressing_twice_calls_once(amina, chege):
    policy(amina, is_default=True)
    incident, run = opened()
    tick(0)
    for _ in range(2):
        escalate(incident, amina, 1, person=chege)
    tick(1)
    tick(3)
    assert (names(run), urgent(chege)) == (["Amina", "Chege"], 1)


def test_two_people_chosen_at_the_same_time_are_both_called_at_once(amina, brian, chege, dalia):
    policy(amina, brian, is_default=True)
    incident, run = opened()
    tick(0)
    escalate(incident, amina, 1, person=chege)
    escalate(incident, brian, 1, person=dalia)
    tick(1)
    assert names(run) == ["Amina", "Chege", "Dalia"]
    assert "Called Dalia, chosen by Brian (by hand)." in said(incident)


@pytest.mark.parametrize(("step", "then"), [(3, "Dalia"), (1, "Amina")])
def test_a_step_chosen_right_afterwards_leaves_nobody_out(amina, brian, chege, dalia, step, then):
    policy(amina, brian, dalia, is_default=True)
    incident, run = opened()
    tick(0)
    escalate(incident, amina, 1, person=chege)
    escalate(incident, brian, 1, step=step)
    tick(1)
    assert names(run) == ["Amina", "Chege"]
    tick(1.1)  # six seconds later
    assert names(run) == ["Amina", "Chege", then]


def test_the_next_round_knows_nothing_of_it(amina, brian, chege):
    walked = policy(amina, brian, is_default=True, repeats=1)
    incident, run = opened()
    tick(0)
    escalate(incident, amina, 1, person=chege)
    for minute in (1, 6, 11, 16, 21):
        tick(minute)
    assert [(row[0], row[3]) for row in called(run)] == [
        (1, "Amina"), (1, "Chege"), (1, "Brian"), (2, "Amina"), (2, "Brian"), (2, ""),
    ]  # fmt: skip
    assert "Called Brian, named in the policy (step 2 of 2, round 2)." in said(incident)
    assert not any("edited" in line for line in said(incident)), walked


def test_steps_are_numbered_as_the_policy_numbers_them(amina, brian, chege, dalia):
    policy(amina, brian, dalia, is_default=True)
    incident, run = opened()
    tick(0)
    escalate(incident, amina, 1, person=chege)
    tick(1)
    with pytest.raises(Invalid, match="3 steps"):
        escalate(incident, amina, 2, step=4)
    escalate(incident, amina, 2, step=3)
    tick(2)
    escalate(incident, amina, 3, step=2)
    tick(3)
    assert names(run) == ["Amina", "Chege", "Dalia", "Brian"]
    assert called(run)[-1][:2] == (2, 2)


def test_a_chosen_step_is_no_edit_of_the_policy(amina, brian):
    policy(amina, brian, is_default=True)
    incident, _run = opened()
    tick(0)
    tick(5)
    escalate(incident, amina, 6, step=1)
    tick(6)
    assert not any("edited" in line for line in said(incident))


def test_an_edit_while_somebody_is_called_by_hand_is_still_said(amina, brian, chege):
    walked = policy(amina, brian, is_default=True)
    incident, _run = opened()
    tick(0)
    PolicyStep.objects.filter(policy=walked, position=2).update(wait_minutes=33)
    escalate(incident, amina, 1, person=chege)
    tick(1)
    assert any("edited meanwhile" in line for line in said(incident))


def test_behind_the_last_step_it_waits_five_minutes_and_ends(amina, chege):
    policy(amina, is_default=True)
    incident, run = opened()
    tick(0)
    escalate(incident, amina, 1, person=chege)
    tick(1)
    assert "This is the last step" in chege.messages.filter(channel="in_app").get().body
    assert [tick(5.9), tick(6)] == [0, 1]
    run.refresh_from_db()
    assert (run.state, names(run)) == ("exhausted", ["Amina", "Chege", ""])


def test_the_turn_of_a_round_robin_is_nobody_elses(amina, brian, chege):
    walked = policy([amina, brian], is_default=True)
    PolicyStep.objects.filter(policy=walked).update(round_robin=True)
    incident, run = opened()
    escalate(incident, amina, 0, person=chege)
    tick(0)
    tick(5)
    assert names(run) == ["Chege", "Amina"]
    assert walked.steps.get().robin == 1


def test_on_hold_it_is_called_all_the_same(amina, brian, chege):
    policy(amina, brian, is_default=True)
    incident, run = opened()
    tick(0)
    lifecycle.hold(incident, actor=person(amina), now=NOW + MINUTE, reason="Waits for the client")
    escalate(incident, amina, 2, person=chege)
    tick(2)
    assert names(run) == ["Amina", "Chege"]


@pytest.mark.parametrize("repage", [None, 30])
def test_after_an_acknowledgement_somebody_is_called_and_the_chain_goes_on(amina, brian, chege, repage):
    policy(amina, brian, is_default=True, repage_minutes=repage)
    incident, run = opened()
    tick(0)
    lifecycle.acknowledge(incident, actor=person(amina), now=NOW + MINUTE)
    escalate(incident, amina, 2, person=chege)
    tick(2)
    tick(7)
    assert names(run) == ["Amina", "Chege", "Brian"]


def test_whoever_was_chosen_is_not_called_once_somebody_has_it(amina, brian, chege, dalia):
    policy(amina, brian, is_default=True)
    incident, run = opened()
    tick(0)
    escalate(incident, amina, 1, person=chege)
    lifecycle.acknowledge(incident, actor=person(amina), now=NOW + MINUTE)
    tick(10)
    escalate(incident, amina, 20, person=dalia)
    tick(20)
    tick(25)
    assert names(run) == ["Amina", "Dalia", "Brian"]


def test_an_exhausted_run_begins_anew_behind_the_person(amina, chege):
    policy(amina, is_default=True)
    incident, run = opened()
    tick(0)
    tick(5)
    escalate(incident, amina, 9, person=chege)
    tick(9)
    tick(14)
    new = EscalationRun.objects.exclude(pk=run.pk).get()
    assert names(new) == ["Chege", "Amina"]


def test_without_any_policy_a_person_is_called_by_hand(amina, chege, dalia):
    incident, none = opened()
    assert none is None
    with pytest.raises(IllegalState, match="call them by name"):
        escalate(incident, amina, 0)
    escalate(incident, amina, 1, person=chege)
    tick(1)
    run = EscalationRun.objects.get()
    assert (run.policy, run.policy_name, names(run)) == (None, "Called by hand", ["Chege"])
    assert not any("deleted" in line for line in said(incident))
    assert "Why you: chosen by Amina, by hand.\n" in chege.messages.filter(channel="in_app").get().body
    lifecycle.acknowledge(incident, actor=person(chege), now=NOW + 2 * MINUTE)
    escalate(incident, amina, 3, person=dalia)
    tick(3)
    tick(60)
    # Chege had been called before, and is not called behind Dalia
    new = EscalationRun.objects.exclude(pk=run.pk).get()
    assert (names(new), new.state) == (["Dalia", ""], "exhausted")


def test_by_hand_the_second_comes_right_away_while_the_first_is_waited_for(amina, chege, dalia):
    incident, _none = opened()
    escalate(incident, amina, 1, person=chege)
    tick(1)
    escalate(incident, amina, 2, person=dalia)
    tick(2)
    run = EscalationRun.objects.get()
    assert called(run) == [(1, 1, "called", "Chege"), (1, 2, "called", "Dalia")]


def test_a_policy_without_steps_keeps_its_fallback(amina, brian, chege):
    policy(fallback=brian, is_default=True)
    incident, run = opened()
    escalate(incident, amina, 0, person=chege)
    tick(0)
    tick(5)
    assert names(run) == ["Chege", "", "Brian"]


def test_whoever_left_in_between_is_said_and_the_chain_goes_on(amina, brian, chege):
    policy(amina, brian, is_default=True, fallback=amina)
    incident, run = opened()
    tick(0)
    escalate(incident, amina, 1, person=chege)
    chege.is_active = False
    chege.save()
    tick(1)
    tick(6)
    assert "Chege is not active any more. (by hand)" in said(incident)
    assert names(run) == ["Amina", "", "Amina", "Brian"]


def test_only_people_who_can_be_called(amina, brian):
    policy(amina, brian, is_default=True)
    incident, run = opened()
    robot, gone = make.user("service", name="Robot"), make.user(name="Gone", is_active=False)
    client = make.user("stakeholder", name="Outside")
    for nobody in (robot, gone, client):
        with pytest.raises(Invalid, match=f"{nobody} can't be called"):
            escalate(incident, amina, 1, person=nobody)
    with pytest.raises(Invalid, match="not both"):
        escalate(incident, amina, 1, person=brian, step=2)
    run.refresh_from_db()
    assert (run.step, run.next_at, len(run.terms["steps"])) == (0, NOW, 2)
    assert not any("escalated" in line for line in said(incident))


def test_terms_that_cant_be_read_are_refused_and_nothing_moves(amina, chege):
    policy(amina, is_default=True)
    incident, _run = opened()
    EscalationRun.objects.update(terms={"steps": "later"})
    before = EscalationRun.objects.values().get()
    with pytest.raises(IllegalState, match="can't be read"):
        escalate(incident, amina, 1, person=chege)
    assert EscalationRun.objects.values().get() == before


def test_no_message_goes_out_twice_and_an_acknowledgement_calls_back_all_of_them(amina, brian, chege):
    policy(amina, brian, is_default=True)
    incident, _run = opened()
    tick(0)
    escalate(incident, amina, 1, person=chege)
    tick(1)
    tick(1)
    waits = messages_to(chege)
    assert urgent(chege) == 1
    assert ("email", "pending") in waits
    lifecycle.acknowledge(incident, actor=person(chege), now=NOW + 2 * MINUTE)
    assert ("email", "cancelled") in messages_to(chege)
    assert tick(60) == 0


def test_the_steps_that_can_be_chosen_say_who_is_on_them(amina, brian, chege, dalia):
    nights = rota(amina, name="Nights")
    override(nights, NOW - HOUR, NOW + HOUR, user=brian, replaces=amina)
    walked = policy(nights, [amina, dalia], chege, is_default=True)
    PolicyStep.objects.filter(policy=walked, position=2).update(round_robin=True)
    incident, _run = opened()
    escalate(incident, amina, 0, person=chege)
    chege.is_active = False
    chege.save()
    assert [(step.number, step.who) for step in steps_now("incident", incident.pk, NOW)] == [
        (1, "Brian (on call of Nights)"),
        (2, "one of Amina, Dalia"),
        (3, "nobody now: Chege is not active any more"),
    ]
    EscalationRun.objects.update(terms={})
    assert steps_now("incident", incident.pk, NOW) == []


def test_what_has_ended_is_offered_as_the_policy_is_today(amina, brian):
    walked = policy(amina, is_default=True)
    incident, _run = opened()
    tick(0)
    tick(5)
    step = PolicyStep.objects.create(policy=walked, position=2)
    step.targets.create(kind="person", user=brian)
    assert [step.number for step in steps_now("incident", incident.pk, NOW)] == [1, 2]
