"""Journeys through the escalation engine: time passes as an argument, everything else is real."""

import pytest

from core.errors import IllegalState
from core.types import person
from rotas.domain import escalation
from rotas.models import EscalationPolicy, EscalationRun, PolicyStep, Rota
from tests import make
from tests.make import NOW
from tests.rotas.make import MINUTE, called, messages_to, policy, rota

pytestmark = [pytest.mark.django_db, pytest.mark.journey]


def start(case, policy, now=NOW):
    return escalation.start("case", case, policy, now=now)


def stop(case, now, reason="acknowledged"):
    return escalation.stop("case", case, reason=reason, now=now)


def ticks(*minutes):
    """Tick at each of these minutes after NOW; how many runs each walked."""
    return [escalation.tick(NOW + minute * MINUTE) for minute in minutes]


def test_the_person_on_call_is_called_at_once_with_what_they_must_know(case, cases, amina):
    run = start(case, policy(rota(amina, name="L1 follow-the-sun"), amina, name="Day"))
    assert ticks(0, 0) == [1, 0]
    assert called(run) == [(1, 1, "called", "Amina")]
    message = amina.messages.get(channel="in_app")
    assert message.subject == f"SEV2 CASE-{case} Scores drift"
    assert message.url == f"/cases/{case}/"
    assert message.urgency == "urgent"
    assert message.body.splitlines() == [
        "Service: fraud-score of Lumen Bank",
        "Open for 0 s.",
        "Why you: on call of L1 follow-the-sun, step 1 of 2 of Day.",
        "Please open it and acknowledge it, so that nobody else is called.",
        "If nobody acknowledges within 5 min, step 2 is called.",
    ]
    assert cases.notes == ["Called Amina, on call of L1 follow-the-sun (step 1 of 2)."]


def test_nobody_acknowledges_so_the_next_step_is_called(case, amina, brian):
    run = start(case, policy(rota(amina), brian))
    assert ticks(0, 4.9, 5) == [1, 0, 1]
    assert called(run) == [(1, 1, "called", "Amina"), (1, 2, "called", "Brian")]


def test_who_is_on_call_is_asked_when_the_step_is_due_not_when_the_run_starts(case, amina, brian):
    both = rota(amina, brian)
    run = start(case, policy(both, both, wait=24 * 60))
    ticks(0, 24 * 60)
    assert called(run) == [(1, 1, "called", "Amina"), (1, 2, "called", "Brian")]


def test_acknowledge_stops_every_pending_step_and_message(case, amina, brian):
    amina.notification_rules.create(urgency="urgent", channel="in_app", delay_minutes=0, position=0)
    amina.notification_rules.create(urgency="urgent", channel="email", delay_minutes=10, position=1)
    run = start(case, policy(amina, brian))
    ticks(0)
    assert messages_to(amina) == [("in_app", "pending"), ("email", "pending")]
    stop(case, NOW + MINUTE)
    assert messages_to(amina) == [("in_app", "cancelled"), ("email", "cancelled")]
    assert ticks(5, 60, 60 * 24 * 30) == [0, 0, 0]
    assert called(run) == [(1, 1, "called", "Amina")]
    run.refresh_from_db()
    assert (run.state, run.end_reason, run.next_at) == ("stopped", "acknowledged", None)


def test_stopping_twice_or_what_never_ran_changes_nothing(case, amina):
    assert stop(case, NOW) is None
    run = start(case, policy(amina))
    stop(case, NOW + MINUTE)
    assert stop(case, NOW + 2 * MINUTE, reason="resolved") is None
    run.refresh_from_db()
    assert (run.end_reason, run.ended_at) == ("acknowledged", NOW + MINUTE)


def test_starting_twice_keeps_the_run_that_lives(case, amina, brian):
    run = start(case, policy(amina))
    assert start(case, policy(brian), NOW + MINUTE) == run
    assert EscalationRun.objects.count() == 1


def test_after_the_repeats_the_run_is_exhausted_and_says_so(case, cases, amina, brian):
    run = start(case, policy(amina, brian, repeats=1))
    assert ticks(0, 5, 10, 15, 20, 25, 60) == [1, 1, 1, 1, 1, 0, 0]
    assert called(run) == [
        (1, 1, "called", "Amina"),
        (1, 2, "called", "Brian"),
        (2, 1, "called", "Amina"),
        (2, 2, "called", "Brian"),
        (2, 3, "exhausted", ""),
    ]
    run.refresh_from_db()
    assert (run.state, run.ended_at) == ("exhausted", NOW + 20 * MINUTE)
    assert cases.notes[-3:] == [
        "Called Brian, named in the policy (step 2 of 2, round 2).",
        "Everyone was called and nobody acknowledged. Nobody else will be called.",
        "There is no active lead or administrator to tell either.",
    ]


def test_nobody_on_call_calls_the_fallback_and_the_chain_continues(case, cases, amina, brian):
    run = start(case, policy(rota(name="Nights"), brian, fallback=amina, name="Night"))
    ticks(0, 5)
    assert called(run) == [
        (1, 1, "nobody", ""),
        (1, 1, "fallback", "Amina"),
        (1, 2, "called", "Brian"),
    ]
    assert cases.notes[:2] == [
        "Nobody is on call of Nights. (step 1 of 2)",
        "Called the fallback Amina (fallback of Night; step 1 of 2).",
    ]
    assert amina.messages.filter(channel="in_app").count() == 1


def test_without_an_active_fallback_the_lead_of_the_owning_team_is_called(case, cases, amina, brian):
    cases.lead = brian
    amina.is_active = False
    amina.save()
    run = start(case, policy(rota(), fallback=amina))
    ticks(0)
    assert called(run) == [(1, 1, "nobody", ""), (1, 1, "fallback", "Brian")]


def test_when_there_is_really_nobody_it_is_said_loudly_and_the_chain_continues(case, cases, brian):
    run = start(case, policy(rota(name="Nights"), brian))
    ticks(0, 5)
    assert called(run) == [(1, 1, "nobody", ""), (1, 2, "called", "Brian")]
    assert cases.notes[0] == (
        "Nobody is on call of Nights; there is no active fallback and no team lead: NOBODY WAS CALLED."
        " (step 1 of 2)"
    )


def test_a_step_with_two_targets_calls_both_and_says_which_gave_nobody(case, cases, amina, brian):
    run = start(case, policy([rota(name="Nights"), amina, brian]))
    ticks(0)
    assert called(run) == [(1, 1, "nobody", ""), (1, 1, "called", "Amina"), (1, 1, "called", "Brian")]
    assert cases.notes[0] == "Nobody is on call of Nights. (step 1 of 1)"


def test_one_person_in_two_targets_is_called_once(case, amina):
    run = start(case, policy([rota(amina), amina]))
    ticks(0)
    assert called(run) == [(1, 1, "called", "Amina")]


def test_the_lead_of_a_team_is_called(case, amina):
    run = start(case, policy(make.team(lead=amina, name="Platform"), make.team(name="Empty")))
    ticks(0, 5)
    assert called(run) == [(1, 1, "called", "Amina"), (1, 2, "nobody", "")]


def test_no_policy_means_no_run_and_the_subject_is_told(case, cases):
    assert start(case, None) is None
    assert cases.notes[0] == "No escalation policy: nobody was called."
    assert EscalationRun.objects.count() == 0


def test_a_policy_that_is_switched_off_calls_nobody_and_the_subject_is_told(case, cases, amina):
    assert start(case, policy(amina, name="Old", is_active=False)) is None
    assert cases.notes[0] == "The escalation policy Old is switched off: nobody was called."


def test_a_policy_without_steps_calls_the_fallback(case, cases, amina):
    run = start(case, policy(fallback=amina))
    ticks(0, 5)
    assert called(run) == [(1, 1, "nobody", ""), (1, 1, "fallback", "Amina"), (1, 2, "exhausted", "")]
    assert cases.notes[0] == "The step names nobody. (step 1 of 1)"


def test_a_policy_edited_mid_flight_changes_nothing(case, amina, brian):
    walked = policy(amina, amina)
    run = start(case, walked)
    ticks(0)
    PolicyStep.objects.filter(policy=walked).delete()
    walked.steps.create(position=1, wait_minutes=60).targets.create(kind="person", user=brian)
    EscalationPolicy.objects.filter(pk=walked.pk).update(is_active=False, repeats=9, name="Other")
    assert ticks(5, 10, 15) == [1, 1, 0]
    assert called(run) == [(1, 1, "called", "Amina"), (1, 2, "called", "Amina"), (1, 3, "exhausted", "")]


def test_a_policy_deleted_mid_flight_is_walked_to_its_end(case, amina, brian):
    walked = policy(amina, brian)
    run = start(case, walked)
    ticks(0)
    walked.delete()
    ticks(5)
    assert called(run) == [(1, 1, "called", "Amina"), (1, 2, "called", "Brian")]


def test_a_rota_deleted_mid_flight_never_stalls_the_chain(case, cases, amina, brian):
    nights = rota(amina, name="Nights")
    walked = policy(amina, nights, brian, name="Day")
    run = start(case, walked)
    ticks(0)
    walked.steps.get(position=2).delete()
    Rota.objects.get(pk=nights.pk).delete()
    ticks(5, 10)
    assert called(run) == [(1, 1, "called", "Amina"), (1, 2, "nobody", ""), (1, 3, "called", "Brian")]
    assert cases.notes[1].startswith("The policy Day was edited meanwhile: ")
    assert cases.notes[2].startswith("The rota Nights is not in use any more; ")


def test_a_person_deactivated_mid_flight_is_not_called(case, cases, amina, brian):
    run = start(case, policy(brian, [amina, brian], amina))
    ticks(0)
    amina.is_active = False
    amina.save()
    ticks(5, 10)
    assert called(run) == [
        (1, 1, "called", "Brian"),
        (1, 2, "nobody", ""),
        (1, 2, "called", "Brian"),
        (1, 3, "nobody", ""),
    ]
    assert amina.messages.count() == 0


def test_an_engine_that_was_away_calls_one_step_and_goes_on_from_now(case, amina, brian):
    run = start(case, policy(amina, brian, amina))
    assert ticks(0, 25, 25, 29, 30) == [1, 1, 0, 0, 1]
    assert called(run) == [(1, 1, "called", "Amina"), (1, 2, "called", "Brian"), (1, 3, "called", "Amina")]


def test_a_pause_keeps_what_is_left_of_the_wait(case, amina, brian):
    run = start(case, policy(amina, brian))
    ticks(0)
    escalation.pause("case", case, now=NOW + 2 * MINUTE)
    assert ticks(5, 60) == [0, 0]
    escalation.resume("case", case, now=NOW + 60 * MINUTE)
    assert ticks(62.9, 63) == [0, 1]
    assert called(run) == [(1, 1, "called", "Amina"), (1, 2, "called", "Brian")]


def test_pausing_twice_keeps_the_first_wait_and_resuming_twice_changes_nothing(case, amina, brian):
    run = start(case, policy(amina, brian))
    ticks(0)
    for minute in (2, 4):
        escalation.pause("case", case, now=NOW + minute * MINUTE)
    for minute in (60, 61):
        escalation.resume("case", case, now=NOW + minute * MINUTE)
    run.refresh_from_db()
    assert run.next_at == NOW + 63 * MINUTE


def test_stop_ends_a_paused_run_for_good(case, amina, brian):
    start(case, policy(amina, brian))
    escalation.pause("case", case, now=NOW)
    stop(case, NOW + MINUTE)
    assert escalation.resume("case", case, now=NOW + 2 * MINUTE) is None
    assert ticks(0, 60) == [0, 0]


def test_reopen_goes_on_at_the_next_step(case, amina, brian):
    run = start(case, policy(amina, brian))
    ticks(0)
    stop(case, NOW + MINUTE, "resolved")
    assert escalation.restart("case", case, now=NOW + 30 * MINUTE) == run
    assert ticks(30) == [1]
    assert called(run) == [(1, 1, "called", "Amina"), (1, 2, "called", "Brian")]


def test_reopen_after_the_last_step_starts_over(case, amina):
    run = start(case, policy(amina))
    ticks(0)
    stop(case, NOW + MINUTE, "resolved")
    again = escalation.restart("case", case, now=NOW + 30 * MINUTE)
    ticks(30)
    assert again != run
    assert called(again) == [(1, 1, "called", "Amina")]


def test_reopen_starts_over_by_its_own_terms_where_the_policy_is_gone(case, amina):
    walked = policy(amina)
    start(case, walked)
    ticks(0)
    stop(case, NOW + MINUTE, "resolved")
    walked.delete()
    again = escalation.restart("case", case, now=NOW + 30 * MINUTE)
    ticks(30)
    assert called(again) == [(1, 1, "called", "Amina")]


def test_escalate_calls_the_next_step_without_waiting(case, amina, brian):
    run = start(case, policy(amina, brian))
    ticks(0)
    escalation.escalate_now("case", case, actor=person(amina), now=NOW + MINUTE)
    assert ticks(1, 1, 5) == [1, 0, 0]
    assert called(run) == [(1, 1, "called", "Amina"), (1, 2, "called", "Brian")]


def test_escalate_goes_on_after_an_acknowledgement(case, amina, brian):
    run = start(case, policy(amina, brian))
    ticks(0)
    stop(case, NOW + MINUTE)
    escalation.escalate_now("case", case, actor=person(amina), now=NOW + 9 * MINUTE)
    assert ticks(9) == [1]
    assert called(run) == [(1, 1, "called", "Amina"), (1, 2, "called", "Brian")]


def test_escalate_without_any_policy_says_what_to_do(case, amina):
    with pytest.raises(IllegalState, match="assign the person to call yourself"):
        escalation.escalate_now("case", case, actor=person(amina), now=NOW)


def test_a_subject_that_ended_without_a_word_calls_nobody(case, cases, amina):
    run = start(case, policy(amina))
    cases.closed.add(case)
    assert ticks(0, 0) == [1, 0]
    run.refresh_from_db()
    assert (run.state, run.end_reason, called(run)) == ("stopped", "no longer open", [])


def test_one_run_that_fails_stands_back_and_the_others_go_on(cases, amina):
    broken, sound = cases.new(), cases.new()
    start(broken, policy(amina))
    run = start(sound, policy(amina), NOW + MINUTE)
    cases.broken.add(broken)
    with pytest.raises(RuntimeError, match="no brief"):
        escalation.tick(NOW + MINUTE)
    assert called(run) == [(1, 1, "called", "Amina")]
    cases.broken.clear()
    assert ticks(1.4, 1.5) == [0, 1]
