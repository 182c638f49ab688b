"""People in training: entered, taken back, told; beside every call and part of none."""

from datetime import timedelta

import pytest

from accounts.models import AuditEntry
from core.errors import IllegalState, Invalid
from core.types import person
from incidents.domain.told import hands_of
from notifications.models import Message, MutedKind
from rotas.domain import covering, duty, escalation
from rotas.domain.shadows import enter_shadow, take_back_shadow
from rotas.models import Call, Cover, EscalationRun, Shadow
from rotas.queries.calls import called_people
from rotas.queries.gaps import covered
from rotas.queries.mine import on_call_until, shifts_of
from rotas.queries.oncall import on_call
from rotas.queries.simulate import simulate
from tests import make
from tests.make import NOW
from tests.rotas.make import DAY, HOUR, MINUTE, called, layer, override, policy, rota

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return make.user("lead", name="Grace")


@pytest.fixture
def tara():
    return make.user(name="Tara")


def enter(made, user, lead, *, kind="shadow", start=NOW - HOUR, end=NOW + DAY, now=NOW - DAY):
    return enter_shadow(made, user, kind=kind, starts_at=start, ends_at=end, actor=person(lead), now=now)


def begin(case, walked, now=NOW):
    run = escalation.start("case", case, walked, now=now)
    escalation.tick(now)
    return run


def subjects_of(user) -> list[str]:
    return list(user.messages.filter(channel="in_app").order_by("pk").values_list("subject", flat=True))


def pages_of(user):
    return user.messages.filter(kind="case.page", channel="in_app")


# entering and taking back


def test_who_is_entered_hears_so_and_it_is_on_record(lead, tara, amina):
    made = rota(amina, name="Nights")
    shadow = enter(made, tara, lead, start=NOW + DAY, end=NOW + 2 * DAY)
    (letter,) = tara.messages.filter(channel="in_app")
    assert (letter.kind, letter.subject) == ("rota.shadow", "You are in training on Nights")
    assert letter.body.splitlines() == [
        "Thu 5 Mar 08:00 to Fri 6 Mar 08:00 UTC.",
        "You watch along: when somebody is called you hear of it. Nobody waits for you.",
        "By Grace.",
    ]
    entry = AuditEntry.objects.get(action="rota.shadow_entered")
    assert (entry.subject_name, entry.detail["user"], entry.detail["shadow"]) == ("Nights", "Tara", shadow.pk)
    assert amina.messages.count() == 0


def test_it_is_told_an_hour_before_when_it_begins_and_never_twice(lead, tara, amina):
    made = rota(amina, name="Nights")
    enter(made, tara, lead, start=NOW + 3 * HOUR, kind="reverse", now=NOW)
    for minutes in (0, 119, 120, 121, 179, 180, 181, 600):
        duty.tick(NOW + minutes * MINUTE)
    assert subjects_of(tara) == [
        "You are in training on Nights",
        "Your training on Nights begins soon",
        "You are on call of Nights, in training",
    ]
    kinds = tara.messages.filter(channel="in_app").order_by("pk").values_list("kind", "created_at")
    assert list(kinds)[1:] == [
        ("rota.shift_soon", NOW + 120 * MINUTE),
        ("rota.shift_begins", NOW + 180 * MINUTE),
    ]


def test_what_begins_at_once_is_said_once(lead, tara, amina):
    enter(rota(amina, name="Nights"), tara, lead, start=NOW, now=NOW)
    duty.tick(NOW + MINUTE)
    assert subjects_of(tara) == ["You are in training on Nights"]


def test_an_engine_that_was_away_does_not_tell_old_news(lead, tara, amina):
    enter(rota(amina), tara, lead, start=NOW + 3 * HOUR, now=NOW)
    duty.tick(NOW + 5 * HOUR)
    assert len(subjects_of(tara)) == 1
    assert Shadow.objects.get().next_at is None


def test_who_does_without_the_kind_hears_nothing_of_it(lead, tara, amina, case):
    MutedKind.objects.create(user=tara, kind="rota.shadow")
    made = rota(amina)
    enter(made, tara, lead)
    begin(case, policy(made))
    assert subjects_of(tara) == []
    assert pages_of(amina).count() == 1


def test_one_to_come_is_gone_and_one_that_runs_ends_now(lead, tara, amina):
    made = rota(amina, name="Nights")
    coming = enter(made, tara, lead, start=NOW + DAY, end=NOW + 2 * DAY)
    running = enter(made, tara, lead)
    assert take_back_shadow(coming, actor=person(lead), now=NOW) is None
    assert take_back_shadow(coming, actor=person(lead), now=NOW) is None
    left = take_back_shadow(running, actor=person(lead), now=NOW)
    assert (left.ends_at, list(Shadow.objects.all())) == (NOW, [running])
    assert subjects_of(tara)[2:] == ["Your training on Nights is taken back"] * 2
    assert AuditEntry.objects.filter(action="rota.shadow_taken_back").count() == 2
    with pytest.raises(IllegalState) as refusal:
        take_back_shadow(running, actor=person(lead), now=NOW + MINUTE)
    assert refusal.value.code == "shadow_over"


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"start": NOW + DAY, "end": NOW + DAY}, {"ends_at"}),
        ({"start": NOW - 3 * DAY, "end": NOW - 2 * DAY}, {"ends_at"}),
        ({"end": NOW + 400 * DAY}, {"ends_at"}),
        ({"kind": "ghost"}, {"kind"}),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_field(lead, tara, amina, fields, at_fault):
    with pytest.raises(Invalid) as refusal:
        enter(rota(amina), tara, lead, **fields)
    assert set(refusal.value.fields) == at_fault
    assert not Shadow.objects.exists() and not Message.objects.exists()


def test_who_is_there_already_or_can_not_be_on_call_is_refused(lead, tara, amina):
    made = rota(amina)
    enter(made, tara, lead)
    for who in (tara, make.user("stakeholder"), make.user("service")):
        with pytest.raises(Invalid) as refusal:
            enter(made, who, lead, start=NOW, end=NOW + HOUR)
        assert set(refusal.value.fields) == {"user"}
    enter(made, tara, lead, start=NOW + DAY, end=NOW + 2 * DAY)
    enter(rota(amina), tara, lead)
    with pytest.raises(IllegalState):
        enter(rota(amina, is_active=False), tara, lead)


# never cover


@pytest.mark.parametrize("kind", ["shadow", "reverse"])
def test_a_shadow_fills_no_seat(lead, tara, amina, kind):
    made = rota(name="Days")
    layer(made, amina, hours=(9, 17))
    before = covered([made], NOW, NOW + 2 * DAY)[0].short
    assert before
    enter(made, tara, lead, kind=kind, end=NOW + 9 * DAY)
    assert [each.short for each in covered([made], NOW, NOW + 2 * DAY)[0].short] == [
        each.short for each in before
    ]
    assert on_call(made, NOW) == [] and on_call(made, NOW + 2 * HOUR) == [amina]
    covering.derive(made.pk, NOW)
    assert not Cover.objects.filter(user=tara).exists()
    assert shifts_of(tara, NOW) == [] and on_call_until(tara, NOW) is None
    made.refresh_from_db()
    assert made.told_gaps


# beside the call


def test_a_shadow_hears_whom_it_called_and_has_nothing_to_acknowledge(lead, tara, amina, case, cases):
    made = rota(amina, name="Nights")
    enter(made, tara, lead)
    run = begin(case, policy(made, name="Day"))
    assert called(run) == [(1, 1, "called", "Amina")]
    assert pages_of(tara).count() == 0
    letter = tara.messages.get(channel="in_app", about_kind="case")
    assert (letter.kind, letter.urgency) == ("rota.shadow", "urgent")
    assert letter.subject == f"You watch along: SEV2 CASE-{case} Scores drift"
    assert letter.body.splitlines() == [
        "Service: fraud-score of Lumen Bank",
        "Called: Amina.",
        "You watch along, in training on Nights: nothing is asked of you, and nobody waits for you.",
    ]
    assert "action" not in letter.data
    assert cases.notes == [
        "Called Amina, on call of Nights (step 1 of 1).",
        "Tara watches along, in training on Nights. Nobody waits for them.",
    ]


def test_the_link_in_the_message_of_a_real_incident_is_the_trainees_only_when_they_lead(lead, tara, amina):
    uma = make.user(name="Uma")
    made = rota(amina)
    enter(made, tara, lead)
    enter(made, uma, lead, kind="reverse")
    walked = policy(made)
    opened = make.incident()
    escalation.start("incident", opened.pk, walked, now=NOW)
    escalation.tick(NOW)
    assert amina.messages.get(channel="in_app", about_kind="incident").data["action"]
    assert uma.messages.get(channel="in_app", about_kind="incident").data["action"]
    assert "action" not in tara.messages.get(channel="in_app", about_kind="incident").data


@pytest.mark.parametrize("kind", ["shadow", "reverse"])
def test_a_shadow_neither_stops_nor_delays_the_chain(lead, tara, amina, brian, cases, kind):
    """With and without, the same run: same calls of the same people at the same instants, to the same end."""

    def walked(learns: bool):
        made = rota(amina)
        if learns:
            enter(made, tara, lead, kind=kind, end=NOW + 9 * DAY)
        run = begin(cases.new(), policy(made, brian, repeats=1))
        for minute in range(1, 40):
            escalation.tick(NOW + minute * MINUTE)
        run.refresh_from_db()
        rows = run.calls.exclude(outcome="trainee").order_by("pk")
        return (
            [(c.at, c.round, c.step, c.outcome, c.user_id) for c in rows],
            (run.state, run.step, run.round, run.next_at, run.ended_at),
        )

    assert walked(learns=True) == walked(learns=False)


@pytest.mark.parametrize("kind", ["shadow", "reverse"])
def test_where_only_a_trainee_is_there_nobody_was_found(lead, tara, amina, case, cases, kind):
    made = rota(name="Empty")
    layer(made, amina, hours=(20, 22))
    enter(made, tara, lead, kind=kind)
    run = begin(case, policy(made, repeats=0))
    run.refresh_from_db()
    assert [row for row in called(run) if row[2] != "trainee"] == [(1, 1, "nobody", "")]
    assert "There is no active lead" in " ".join(cases.notes) or lead.messages.exists()
    assert run.next_at == NOW + timedelta(seconds=30)
    escalation.tick(NOW + MINUTE)
    run.refresh_from_db()
    # not exhausted, as if somebody had been called: it looks again until somebody is there
    assert (run.state, run.step, run.round) == ("running", 0, 1)


def test_a_gap_calls_the_fallback_and_the_trainee_who_leads(lead, tara, amina, brian, case):
    made = rota(name="Empty")
    layer(made, amina, hours=(20, 22))
    enter(made, tara, lead, kind="reverse")
    run = begin(case, policy(made, fallback=brian))
    assert called(run) == [
        (1, 1, "nobody", ""),
        (1, 1, "fallback", "Brian"),
        (1, 1, "trainee", "Tara"),
    ]


def test_who_leads_in_training_gets_the_same_call_together_with_who_is_on_call(
    lead, tara, amina, case, cases
):
    made = rota(amina, name="Nights")
    enter(made, tara, lead, kind="reverse")
    run = begin(case, policy(made, name="Day"))
    assert called(run) == [(1, 1, "called", "Amina"), (1, 1, "trainee", "Tara")]
    theirs, regular = pages_of(tara).get(), pages_of(amina).get()
    assert (theirs.subject, theirs.urgency, theirs.data) == (regular.subject, regular.urgency, regular.data)
    assert "Why you: in training on Nights, leading, step 1 of 1 of Day." in theirs.body
    assert "Please open it and acknowledge it" in theirs.body
    assert cases.notes[-1] == "Called Tara, in training on Nights, leading (step 1 of 1)."


def test_an_acknowledgement_of_the_trainee_who_leads_counts(client, lead, tara, amina):
    made = rota(amina)
    enter(made, tara, lead, kind="reverse")
    walked = policy(made, is_default=True)
    opened = make.incident()
    escalation.start("incident", opened.pk, walked, now=NOW)
    escalation.tick(NOW)
    client.force_login(tara)
    answer = client.post(f"/api/v1/incidents/{opened.ref}/acknowledge/", content_type="application/json")
    assert answer.status_code == 200, answer.content
    run = EscalationRun.objects.get(subject_id=opened.pk)
    assert (run.state, run.end_reason) == ("stopped", "acknowledged")
    waiting = Message.objects.filter(about_ref=opened.ref, state="pending", kind="incident.page")
    assert not waiting.exclude(channel="in_app").exists()


def test_an_acknowledgement_calls_back_what_waits_for_the_shadow(lead, tara, amina, case):
    tara.notification_rules.create(urgency="urgent", channel="email", delay_minutes=5, position=0)
    made = rota(amina)
    enter(made, tara, lead)
    begin(case, policy(made))
    (waits,) = tara.messages.filter(about_kind="case", channel="email")
    assert waits.state == "pending"
    escalation.stop("case", case, reason="acknowledged", now=NOW + MINUTE)
    waits.refresh_from_db()
    assert waits.state == "cancelled"
    # that they are in training at all is no news about the case
    assert not tara.messages.filter(about_kind="shadow", state="cancelled").exists()


def test_who_is_called_anyway_hears_it_once(lead, tara, amina, case):
    made = rota(amina)
    enter(made, tara, lead)
    enter(made, amina, lead, kind="reverse")
    run = begin(case, policy([made, tara]))
    assert called(run) == [(1, 1, "called", "Amina"), (1, 1, "called", "Tara")]
    assert tara.messages.filter(channel="in_app", about_kind="case").count() == 1
    assert amina.messages.filter(channel="in_app", about_kind="case").count() == 1


def test_before_and_after_and_on_other_rotas_nobody_watches(lead, tara, amina, brian, cases):
    made = rota(amina)
    enter(made, tara, lead, start=NOW, end=NOW + HOUR)
    for now, many in ((NOW - MINUTE, 0), (NOW, 1), (NOW + 59 * MINUTE, 2), (NOW + HOUR, 2)):
        begin(cases.new(), policy(made), now)
        assert tara.messages.filter(channel="in_app", about_kind="case").count() == many
    begin(cases.new(), policy(rota(brian)), NOW + 30 * MINUTE)
    begin(cases.new(), policy(amina), NOW + 30 * MINUTE)
    assert tara.messages.filter(channel="in_app", about_kind="case").count() == 2


def test_who_left_watches_no_more(lead, tara, amina, case):
    made = rota(amina)
    enter(made, tara, lead, kind="reverse")
    tara.is_active = False
    tara.save()
    run = begin(case, policy(made))
    assert called(run) == [(1, 1, "called", "Amina")]


def test_in_a_round_robin_only_those_beside_whose_turn_it_is(lead, tara, amina, brian, case):
    uma = make.user(name="Uma")
    first, second = rota(amina), rota(brian)
    enter(first, tara, lead)
    enter(second, uma, lead, kind="reverse")
    walked = policy([first, second])
    walked.steps.update(round_robin=True)
    run = begin(case, walked)
    assert called(run) == [(1, 1, "called", "Amina")]
    assert tara.messages.filter(about_kind="case", channel="in_app").count() == 1
    assert uma.messages.filter(about_kind="case").count() == 0


def test_promises_are_in_the_hands_of_who_is_on_call_not_of_a_trainee_alone(lead, tara, amina, brian):
    made = rota(name="Empty")
    layer(made, amina, hours=(20, 22))
    enter(made, tara, lead, kind="reverse")
    service = make.service(owning_team=make.team(lead=brian))
    opened = make.incident(service=service)
    walked = policy(made)
    run = escalation.start("incident", opened.pk, walked, now=NOW)
    Call.objects.create(run=run, round=0, step=0, user=tara, outcome="trainee", at=NOW)
    assert called_people("incident", opened.pk) == []
    assert hands_of([opened])[opened.pk] == [brian]
    Call.objects.create(run=run, round=0, step=0, user=amina, outcome="called", at=NOW)
    assert called_people("incident", opened.pk) == [tara, amina]


def test_the_simulator_says_what_a_real_run_does(lead, tara, amina):
    uma = make.user(name="Uma")
    made = rota(amina)
    enter(made, tara, lead)
    enter(made, uma, lead, kind="reverse")
    policy(made, is_default=True)
    (step,) = simulate(make.service(), "SEV2", NOW).steps
    assert [str(each.user) for each in step.reached] == ["Amina", "Uma"]
    assert step.watching == ("Tara",)


def test_an_override_of_the_trainee_makes_them_regular_for_a_while(lead, tara, amina, case):
    made = rota(amina)
    enter(made, tara, lead)
    override(made, NOW, NOW + HOUR, user=tara, replaces=amina)
    run = begin(case, policy(made))
    assert called(run) == [(1, 1, "called", "Tara")]
    assert tara.messages.filter(channel="in_app", about_kind="case", kind="case.page").count() == 1
