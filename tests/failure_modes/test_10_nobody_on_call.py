"""A step is due and nobody is there to be called.

Everywhere else this ends in silence: a line in a log, or not even that, and the chain waits a full wait for an
acknowledgement that nobody can give, or ends. Here the fallback is called, else the lead of the owning team;
where nobody at all is there, leads and administrators are told at once, the next step follows in half a minute,
and a walk that found nobody begins again every five minutes until somebody is on call. All of it is said once.
"""

import pytest

from core.types import person
from rotas.domain import escalation
from rotas.models import EscalationRun
from tests import make
from tests.make import NOW
from tests.rotas.make import MINUTE, called, layer, messages_to, policy, rota

NOBODY = "Nobody is on call of {}; there is no active fallback and no team lead: NOBODY WAS CALLED. ({})"
pytestmark = [pytest.mark.django_db, pytest.mark.journey]


def tick(minute):
    return escalation.tick(NOW + minute * MINUTE)


def in_app(person):
    return list(person.messages.filter(channel="in_app").order_by("pk").values_list("subject", flat=True))


def test_the_fallback_is_called_and_the_full_wait_is_theirs(case, cases):
    amina, brian = make.user(name="Amina"), make.user(name="Brian")
    run = escalation.start(
        "case", case, policy(rota(name="Nights"), brian, fallback=amina, name="Day"), now=NOW
    )
    assert [tick(minute) for minute in (0, 4.9, 5)] == [1, 0, 1]
    assert called(run) == [(1, 1, "nobody", ""), (1, 1, "fallback", "Amina"), (1, 2, "called", "Brian")]
    assert cases.notes[:2] == [
        "Nobody is on call of Nights. (step 1 of 2)",
        "Called the fallback Amina (fallback of Day; step 1 of 2).",
    ]


def test_where_nobody_at_all_is_there_the_next_step_follows_in_half_a_minute(case, cases):
    brian = make.user(name="Brian")
    run = escalation.start("case", case, policy(rota(name="Nights"), brian, wait=60), now=NOW)
    assert [tick(minute) for minute in (0, 0.49, 0.5)] == [1, 0, 1]
    assert called(run) == [(1, 1, "nobody", ""), (1, 2, "called", "Brian")]
    run.refresh_from_db()
    assert run.next_at == NOW + 60.5 * MINUTE


def test_leads_and_administrators_are_told_at_once_and_once(case, cases):
    lead, admin = make.user("lead", name="Lena"), make.user("administrator", name="Ada")
    make.user("lead", name="Away", is_active=False)
    responder = make.user(name="Rita")
    escalation.start("case", case, policy(rota(name="Nights"), rota(name="Days"), repeats=1), now=NOW)
    for half_minutes in range(5):
        tick(half_minutes / 2)
    told = [f"SEV2 CASE-{case}: nobody could be called (Scores drift)"]
    assert (in_app(lead), in_app(admin), in_app(responder)) == (told, told, [])
    assert cases.notes[1] == "Told the leads and administrators: Ada, Lena."
    assert sum("Told the leads" in note for note in cases.notes) == 1


def test_that_nobody_can_be_told_either_is_said(case, cases):
    escalation.start("case", case, policy(rota(name="Nights")), now=NOW)
    tick(0)
    assert cases.notes == [
        "Nobody is on call of Nights; there is no active fallback and no team lead: NOBODY WAS CALLED."
        " (step 1 of 1)",
        "There is no active lead or administrator to tell either.",
    ]


def test_a_walk_that_found_nobody_begins_again_quietly_until_somebody_is_on_call(case, cases):
    nights = rota(name="Nights")
    run = escalation.start("case", case, policy(nights, wait=10, repeats=0), now=NOW)
    assert [tick(minute) for minute in (0, 0.5)] == [1, 1]
    said = len(cases.notes)
    assert (
        cases.notes[-1] == "No step found anybody to call. They are walked again every 5 min until one does."
    )
    for minute in (5.5, 6, 11, 11.5):
        assert tick(minute) == 1
    assert (len(cases.notes), called(run)) == (said, [(1, 1, "nobody", "")])

    amina = make.user(name="Amina")
    layer(nights, amina)
    assert tick(16.5) == 1
    assert called(run)[-1] == (4, 1, "called", "Amina")
    assert cases.notes[-1] == "Called Amina, on call of Nights (step 1 of 1, round 4)."
    assert [tick(minute) for minute in (26.4, 26.5, 60)] == [0, 1, 0]
    run.refresh_from_db()
    assert run.state == "exhausted"


def test_an_acknowledgement_ends_the_search_and_calls_back_what_leads_have_not_had(case, cases):
    lead = make.user("lead", name="Lena")
    lead.notification_rules.create(urgency="urgent", channel="email", delay_minutes=10, position=0)
    escalation.start("case", case, policy(rota(name="Nights")), now=NOW)
    tick(0)
    assert messages_to(lead) == [("in_app", "pending"), ("email", "pending")]
    escalation.stop("case", case, reason="acknowledged", now=NOW + MINUTE)
    assert messages_to(lead) == [("in_app", "cancelled"), ("email", "cancelled")]
    assert [tick(minute) for minute in (0.5, 5.5, 60)] == [0, 0, 0]


def test_where_everyone_was_called_in_vain_leads_and_administrators_hear_of_it(case, cases):
    lead, amina = make.user("lead", name="Lena"), make.user(name="Amina")
    escalation.start("case", case, policy(amina), now=NOW)
    assert [tick(minute) for minute in (0, 5, 60)] == [1, 1, 0]
    assert in_app(lead) == [f"SEV2 CASE-{case}: everyone was called and nobody acknowledged (Scores drift)"]
    assert cases.notes[-2:] == [
        "Everyone was called and nobody acknowledged. Nobody else will be called.",
        "Told the leads and administrators: Lena.",
    ]


def test_one_that_was_reopened_is_not_silent_when_it_finds_nobody_again(case, cases):
    lead = make.user("lead", name="Lena")
    escalation.start("case", case, policy(rota(name="Nights"), rota(name="Days")), now=NOW)
    tick(0)
    escalation.stop("case", case, reason="resolved", now=NOW + MINUTE)
    first, cases.notes[:] = in_app(lead), []

    run = escalation.restart("case", case, now=NOW + 60 * MINUTE)
    assert [tick(minute) for minute in (60, 60.5)] == [1, 1]

    assert in_app(lead) == [first[0], first[0]]
    assert cases.notes == [
        NOBODY.format("Days", "step 2 of 2"),
        "Told the leads and administrators: Lena.",
        "No step found anybody to call. They are walked again every 5 min until one does.",
    ]
    run.refresh_from_db()
    assert (run.state, run.revived_at) == ("running", NOW + 60 * MINUTE)


def test_one_that_was_searching_when_it_ended_starts_over_with_a_word(case, cases):
    lead, brian = make.user("lead", name="Lena"), make.user(name="Brian")
    nights = rota(name="Nights")
    run = escalation.start("case", case, policy(nights, nights), now=NOW)
    for minute in (0, 0.5, 1, 6, 6.5, 7):
        tick(minute)
    assert EscalationRun.objects.get(pk=run.pk).round > 1
    escalation.stop("case", case, reason="resolved", now=NOW + 8 * MINUTE)

    again = escalation.restart("case", case, now=NOW + 60 * MINUTE)
    tick(60)
    layer(nights, brian)
    tick(60.5)

    assert again != run
    assert len(in_app(lead)) == 2
    assert called(again) == [(1, 1, "nobody", ""), (1, 2, "called", "Brian")]


def test_who_escalates_while_it_searches_hears_that_nobody_is_there(case, cases):
    lead = make.user("lead", name="Lena")
    run = escalation.start("case", case, policy(rota(name="Nights")), now=NOW)
    for minute in (0, 0.5, 5.5):
        tick(minute)
    assert len(in_app(lead)) == 1
    cases.notes.clear()

    assert escalation.escalate_now("case", case, actor=person(lead), now=NOW + 7 * MINUTE) == run
    tick(7)

    assert cases.notes == [
        NOBODY.format("Nights", "step 1 of 1, round 3"),
        "Told the leads and administrators: Lena.",
    ]
    assert len(in_app(lead)) == 2


@pytest.mark.parametrize(
    "how", ["on call", "named", "lead of the team", "fallback", "lead of the owning team"]
)
def test_who_left_the_support_organisation_is_called_no_more(case, cases, how):
    left, brian = make.user(name="Leo"), make.user(name="Brian")
    step = {"on call": rota(left, name="Nights"), "named": left, "lead of the team": make.team(lead=left)}
    fallback = left if how == "fallback" else None
    cases.lead = left if how == "lead of the owning team" else None
    run = escalation.start(
        "case", case, policy(step.get(how, rota(name="Nights")), brian, fallback=fallback), now=NOW
    )
    left.role = "stakeholder"
    left.save()

    tick(0)
    tick(0.5)

    assert called(run) == [(1, 1, "nobody", ""), (1, 2, "called", "Brian")]
    assert messages_to(left) == []


def test_a_lead_who_left_hears_of_no_policy_that_is_missing(case, cases):
    left, lead = make.user("lead", name="Leo"), make.user("lead", name="Lena")
    cases.lead = left
    left.role = "stakeholder"
    left.save()

    escalation.start("case", case, None, now=NOW)

    assert messages_to(left) == []
    assert cases.notes[-1] == "Told the leads and administrators: Lena."
    assert len(in_app(lead)) == 1
