"""While somebody is being called, the rules of calling change under the run.

OnCall freezes the chain in a snapshot and stumbles when what the snapshot names is gone: the task dies, and
nothing calls any more. Others read the policy anew at each step, so that an edit at midnight skips or repeats
steps of a call that is under way. Here the terms are stamped; whatever is edited, switched off, deleted,
retired or unreadable meanwhile, the next step is called in time, and the timeline says what happened.
"""

import pytest
from django.db import transaction

from incidents.models import Incident
from rotas import subjects
from rotas.domain import coverage, escalation, walk
from rotas.models import EscalationPolicy, EscalationRun, PolicyStep, Rota
from services.models import Client
from tests import make
from tests.make import NOW
from tests.rotas.make import MINUTE, Cases, called, policy, rota

pytestmark = [pytest.mark.django_db, pytest.mark.journey]
GOES_ON = "this call goes on by the terms it started with."


def tick(minute):
    return escalation.tick(NOW + minute * MINUTE)


def begin(case, walked):
    """A run whose first step has been called."""
    run = escalation.start("case", case, walked, now=NOW)
    assert tick(0) == 1
    run.refresh_from_db()
    return run


def edit(walked, person):
    PolicyStep.objects.filter(policy=walked).delete()
    walked.steps.create(position=1, wait_minutes=60).targets.create(kind="person", user=person)


def switch_off(walked, person):
    EscalationPolicy.objects.filter(pk=walked.pk).update(is_active=False)


def delete(walked, person):
    EscalationPolicy.objects.get(pk=walked.pk).delete()


@pytest.mark.parametrize(
    ("happen", "word"), [(edit, "edited"), (switch_off, "switched off"), (delete, "deleted")]
)
def test_a_policy_changes_and_the_call_goes_on_as_it_started_and_says_so_once(
    case, cases, amina, brian, happen, word
):
    walked = policy(amina, amina, brian, name="Day")
    run = begin(case, walked)
    happen(walked, brian)
    assert [tick(minute) for minute in (5, 10, 15)] == [1, 1, 1]
    assert called(run) == [
        (1, 1, "called", "Amina"),
        (1, 2, "called", "Amina"),
        (1, 3, "called", "Brian"),
        (1, 4, "exhausted", ""),
    ]
    assert cases.notes[1:4] == [
        f"The policy Day was {word} meanwhile: {GOES_ON}",
        "Called Amina, named in the policy (step 2 of 3).",
        "Called Brian, named in the policy (step 3 of 3).",
    ]


def test_a_policy_that_nobody_touched_or_only_renamed_is_not_spoken_of(case, cases, amina, brian):
    nights = rota(amina, name="Nights")
    walked = policy(nights, nights)
    begin(case, walked)
    Rota.objects.filter(pk=nights.pk).update(name="Late")
    EscalationPolicy.objects.filter(pk=walked.pk).update(name="Other")
    tick(5)
    assert cases.notes == [
        "Called Amina, on call of Nights (step 1 of 2).",
        "Called Amina, on call of Late (step 2 of 2).",
    ]


def test_a_person_named_in_a_step_is_deactivated(case, cases, amina, brian):
    run = begin(case, policy(brian, amina, brian, fallback=brian, name="Day"))
    amina.is_active = False
    amina.save()
    assert [tick(minute) for minute in (5, 10)] == [1, 1]
    assert called(run)[1:] == [(1, 2, "nobody", ""), (1, 2, "fallback", "Brian"), (1, 3, "called", "Brian")]
    assert cases.notes[1] == "Amina is not active any more. (step 2 of 3)"


def off(nights):
    Rota.objects.filter(pk=nights.pk).update(is_active=False)


def gone(nights):
    PolicyStep.objects.filter(targets__rota=nights).delete()
    Rota.objects.get(pk=nights.pk).delete()


def emptied(nights):
    nights.layers.all().delete()


@pytest.mark.parametrize(
    ("happen", "words"),
    [
        (off, "The rota Nights is not in use any more."),
        (gone, "The rota Nights is not in use any more."),
        (emptied, "Nobody is on call of Nights."),
    ],
)
def test_a_rota_is_switched_off_deleted_or_emptied(case, cases, amina, brian, happen, words):
    nights = rota(amina, name="Nights")
    run = begin(case, policy(brian, nights, brian, fallback=amina))
    happen(nights)
    assert [tick(minute) for minute in (5, 10)] == [1, 1]
    assert called(run)[1:] == [(1, 2, "nobody", ""), (1, 2, "fallback", "Amina"), (1, 3, "called", "Brian")]
    assert f"{words} (step 2 of 3)" in cases.notes


def test_a_rota_that_cannot_be_worked_out_spoils_nobody_else_s_call(case, cases, amina, brian, monkeypatch):
    broken, sound = rota(amina, name="Broken"), rota(brian, name="Sound")
    real = coverage.coverage

    def fails(layers, *rest):
        if any(each.key in broken.layers.values_list("pk", flat=True) for each in layers):
            raise ValueError("a zone that nobody knows")
        return real(layers, *rest)

    monkeypatch.setattr("rotas.queries.oncall.coverage", fails)
    run = begin(case, policy([broken, sound]))
    assert called(run) == [(1, 1, "nobody", ""), (1, 1, "called", "Brian")]
    assert cases.notes[0] == "Who is on call of Broken can't be worked out. (step 1 of 1)"


def test_a_team_loses_its_lead_or_is_deleted(case, cases, amina, brian):
    platform, data = make.team(lead=amina, name="Platform"), make.team(lead=amina, name="Data")
    walked = policy(brian, platform, data, fallback=brian)
    run = begin(case, walked)
    platform.lead = None
    platform.save()
    PolicyStep.objects.filter(targets__team=data).delete()
    data.delete()
    assert [tick(minute) for minute in (5, 10)] == [1, 1]
    assert [row[2] for row in called(run)] == ["called", "nobody", "fallback", "nobody", "fallback"]
    assert "Platform has no active lead. (step 2 of 3)" in cases.notes
    assert "The team Data is not there any more. (step 3 of 3)" in cases.notes


def test_a_service_is_retired_while_its_incident_calls(amina, brian):
    service = make.service(slug="fraud-score")
    make.policy(amina, brian)
    incident = make.incident(service=service)
    tick(0)
    service.lifecycle = "retired"
    service.save()
    assert tick(5) == 1
    assert list(incident.entries.filter(kind="call").order_by("pk").values_list("text", flat=True))[1:] == [
        "fraud-score was retired meanwhile: this incident is still open, so calling goes on.",
        "Called Brian, named in the policy (step 2 of 2).",
    ]


def target(**fields):
    return {"kind": "person", "user_id": 1, **fields}


UNREADABLE = {
    "nothing": {},
    "a list": [],
    "an older form": {"chain": [["amina", 300]]},
    "a step without a wait": {"steps": [{"targets": []}], "repeats": 0, "fallback_user_id": None},
    "words for a number": {"steps": [], "repeats": "often", "fallback_user_id": None},
    "a wait of nothing": {
        "steps": [{"wait_seconds": 0, "targets": []}],
        "repeats": 0,
        "fallback_user_id": None,
    },
    "a key of words": {
        "steps": [{"wait_seconds": 60, "targets": [target(user_id="amina")]}],
        "repeats": 0,
        "fallback_user_id": None,
    },
}


@pytest.mark.parametrize("terms", UNREADABLE.values(), ids=UNREADABLE)
def test_terms_that_cannot_be_read_give_way_to_the_policy_as_it_is_today(case, cases, amina, brian, terms):
    run = begin(case, policy(amina, brian, name="Day"))
    EscalationRun.objects.filter(pk=run.pk).update(terms=terms)
    assert [tick(minute) for minute in (5, 10)] == [1, 1]
    assert called(run) == [(1, 1, "called", "Amina"), (1, 2, "called", "Brian"), (1, 3, "exhausted", "")]
    assert cases.notes[1] == (
        "The terms that this call started with can't be read: it goes on by the policy Day as it is today."
    )


def test_terms_that_cannot_be_read_of_a_policy_that_is_gone_call_the_fallback(case, cases, amina, brian):
    cases.lead = brian
    run = begin(case, policy(amina, amina, name="Day"))
    run.policy.delete()
    EscalationRun.objects.filter(pk=run.pk).update(terms={"fallback_user_id": None})
    assert [tick(minute) for minute in (5, 10)] == [1, 1]
    assert called(run)[1:] == [(2, 1, "nobody", ""), (2, 1, "fallback", "Brian"), (2, 2, "exhausted", "")]
    assert cases.notes[1].endswith("nor can the policy Day be used as it is today: the fallback is called.")


def test_what_a_newer_release_adds_to_a_target_is_passed_over(case, amina, brian):
    run = begin(case, policy(amina, brian))
    run.terms["steps"][1]["targets"][0]["skill"] = "spark"
    run.terms["colour"] = "red"
    run.save()
    tick(5)
    assert called(run)[1:] == [(1, 2, "called", "Brian")]


def test_a_step_that_fails_again_and_again_calls_the_fallback_and_the_chain_goes_on(
    case, cases, amina, brian, monkeypatch
):
    run = begin(case, policy(amina, amina, brian, fallback=brian))
    real = walk.changes.remarks

    def fails(run_, brief, policy_):
        if (run_.pk, run_.step) == (run.pk, 1):
            raise RuntimeError("a bug")
        return real(run_, brief, policy_)

    monkeypatch.setattr(walk.changes, "remarks", fails)
    other = escalation.start("case", cases.new(), policy(amina), now=NOW + 5 * MINUTE)
    for minute in (5, 5.5, 6):
        with pytest.raises(RuntimeError):
            tick(minute)
    assert called(other) == [(1, 1, "called", "Amina")]
    assert [tick(minute) for minute in (6.5, 10, 11.5)] == [1, 1, 1]
    assert called(run)[1:] == [(1, 2, "nobody", ""), (1, 2, "fallback", "Brian"), (1, 3, "called", "Brian")]
    assert "This step fails again and again. (step 2 of 3)" in cases.notes


def test_what_it_was_about_is_gone(case, cases, amina, brian):
    run = begin(case, policy(amina, brian))
    Client.objects.filter(pk=case).delete()
    assert [tick(minute) for minute in (5, 60)] == [1, 0]
    run.refresh_from_db()
    assert (run.state, run.end_reason) == ("stopped", "what it was about is gone")


def test_runs_of_a_kind_that_this_process_does_not_know_are_left_to_one_that_does(case, amina, brian):
    begin(case, policy(amina, brian))
    known = subjects.subject_of("case")
    subjects.unregister("case")
    assert tick(5) == 0
    subjects.register("case", known)
    assert tick(5) == 1


@pytest.mark.django_db(transaction=True)
def test_more_busy_subjects_than_a_batch_hold_nobody_up(cases: Cases, amina, monkeypatch):
    monkeypatch.setattr(walk, "BATCH", 2)
    busy = [cases.new() for _ in range(4)]
    free = cases.new()
    for minute, case in enumerate([*busy, free]):
        escalation.start("case", case, policy(amina), now=NOW + minute * MINUTE)
    held = set(busy)
    monkeypatch.setattr(cases, "lock", lambda subject_id: subject_id not in held)
    with transaction.atomic():
        assert escalation.tick(NOW + 10 * MINUTE, limit=2) == 1


def test_an_incident_whose_call_lost_its_terms_can_be_reopened(amina, brian):
    make.policy(amina, brian)
    incident = make.incident()
    tick(0)
    escalation.stop("incident", incident.pk, reason="resolved", now=NOW + MINUTE)
    EscalationRun.objects.update(terms={})
    run = escalation.restart("incident", incident.pk, now=NOW + 2 * MINUTE)
    tick(2)
    assert called(run)[-1] == (1, 2, "called", "Brian")
    assert (
        Incident.objects.get(pk=incident.pk).last_entry == "Called Brian, named in the policy (step 2 of 2)."
    )


def test_a_run_that_fails_for_weeks_stands_back_all_the_same(cases, amina):
    broken, sound = cases.new(), cases.new()
    for case in (broken, sound):
        escalation.start("case", case, policy(amina), now=NOW)
    cases.broken.add(broken)
    EscalationRun.objects.filter(subject_id=broken).update(failures=32_767)

    with pytest.raises(RuntimeError, match="no brief"):
        tick(0)

    run = EscalationRun.objects.get(subject_id=broken)
    assert (run.failures, run.next_at) == (walk.MOST_FAILURES, NOW + walk.STAND_BACK)
    assert amina.messages.filter(about_ref=f"CASE-{sound}", channel="in_app").count() == 1
