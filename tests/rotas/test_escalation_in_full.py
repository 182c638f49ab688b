"""Conditions, kinds of targets, round robins, another policy afterwards, and calling again when it stays silent."""

from datetime import timedelta

import pytest

from core.errors import IllegalState, Invalid
from core.types import person
from incidents.domain import lifecycle, people
from incidents.escalation import IncidentSubject
from incidents.models import Entry, Incident
from rotas.domain import escalation
from rotas.models import EscalationRun, PolicyAssignment, PolicyStep, StepTarget
from rotas.queries.policy import choose
from tests import make
from tests.make import NOW
from tests.rotas.make import MINUTE, called, policy, rota

pytestmark = pytest.mark.django_db
SATURDAY = NOW + timedelta(days=3)


def begin(walked, now=NOW, **fields) -> tuple[Incident, EscalationRun]:
    if "severity" in fields:
        fields["severity_reason"] = "as reported"
    incident = make.incident(**fields)
    EscalationRun.objects.filter(subject_id=incident.pk).delete()
    return incident, escalation.start("incident", incident.pk, walked, now=now)


def tick(minute, now=NOW) -> int:
    done, at = 0, now + minute * MINUTE
    while count := escalation.tick(at):
        done += count
    return done


def said(incident) -> list[str]:
    return list(
        Entry.objects.filter(incident=incident, kind="call").order_by("pk").values_list("text", flat=True)
    )


def step(walked, position) -> PolicyStep:
    return walked.steps.get(position=position)


def change(walked, position, **fields) -> None:
    PolicyStep.objects.filter(policy=walked, position=position).update(**fields)


def office_hours_service(**fields):
    frames = make.calendar(always_open=False, zone="Africa/Nairobi")
    for weekday in range(5):
        frames.frames.create(weekday=weekday, opens=8 * 60, closes=17 * 60)
    return make.service(agreement=make.agreement(calendar=frames), **fields)


def test_a_step_for_other_severities_is_passed_over_at_once_and_said(amina, brian):
    walked = policy(amina, brian)
    change(walked, 1, severities=["SEV1"])
    incident, run = begin(walked, severity="SEV3")
    tick(0)
    assert called(run) == [(1, 2, "called", "Brian")]
    assert f"Step 1 of {walked.name} is passed over: it is for SEV1 only." in said(incident)


def test_a_step_for_its_own_severity_is_called(amina, brian):
    walked = policy(amina, brian)
    change(walked, 1, severities=["SEV1", "SEV2"])
    _incident, run = begin(walked, severity="SEV2")
    tick(0)
    assert called(run) == [(1, 1, "called", "Amina")]


@pytest.mark.parametrize(
    ("hours", "at", "who"),
    [
        ("open", NOW, "Amina"),
        ("open", SATURDAY, "Brian"),
        ("closed", NOW, "Brian"),
        ("closed", SATURDAY, "Amina"),
    ],
)
def test_steps_by_support_hours(amina, brian, hours, at, who):
    walked = policy(amina, brian)
    change(walked, 1, hours=hours)
    _incident, run = begin(walked, at, service=office_hours_service())
    tick(0, at)
    assert called(run)[-1][3] == who


def test_a_wait_until_support_hours(amina, brian):
    walked = policy(amina, brian)
    change(walked, 1, waits_for_hours=True)
    _incident, run = begin(walked, SATURDAY, service=office_hours_service())
    tick(0, SATURDAY)
    run.refresh_from_db()
    # Monday 08:00 in Nairobi
    assert run.next_at.isoformat() == "2026-03-09T05:00:00+00:00"


def test_a_step_that_wants_many_alerts(amina, brian):
    walked = policy(amina, brian)
    change(walked, 1, alerts_more_than=2, alerts_within_minutes=10)
    incident, run = begin(walked)
    for n in range(3):
        incident.alert_links.create(
            alert=make.alert(incident.service, last_seen_at=NOW - (n * 6) * MINUTE), linked_at=NOW
        )
    tick(0)
    assert called(run) == [(1, 2, "called", "Brian")]
    assert any("more than 2 alerts in 10 min only" in line for line in said(incident))


def test_enough_alerts(amina, brian):
    walked = policy(amina, brian)
    change(walked, 1, alerts_more_than=2)
    incident, run = begin(walked)
    for _ in range(3):
        incident.alert_links.create(alert=make.alert(incident.service, last_seen_at=NOW), linked_at=NOW)
    tick(0)
    assert called(run) == [(1, 1, "called", "Amina")]


def test_where_every_step_is_passed_over_it_looks_again(amina):
    walked = policy(amina)
    change(walked, 1, severities=["SEV1"])
    incident, run = begin(walked, severity="SEV4")
    tick(0)
    run.refresh_from_db()
    assert (run.state, run.next_at) == ("running", NOW + 5 * MINUTE)
    assert any("walked again" in line for line in said(incident))


def targets(walked, position, *rows) -> None:
    StepTarget.objects.filter(step=step(walked, position)).delete()
    for fields in rows:
        StepTarget.objects.create(step=step(walked, position), **fields)


def test_next_on_call_everybody_of_a_team_and_the_owner(amina, brian):
    chege, dalia = make.user(name="Chege"), make.user(name="Dalia")
    nights, team = rota(amina, brian, name="Nights"), make.team(members=(chege, dalia), name="Data")
    walked = policy(amina, amina, amina)
    targets(walked, 1, {"kind": "next_on_call", "rota": nights})
    targets(walked, 2, {"kind": "team", "team": team})
    targets(walked, 3, {"kind": "owner"})
    incident, run = begin(walked)
    Incident.objects.filter(pk=incident.pk).update(owner=dalia)
    for minute in (0, 5, 10):
        tick(minute)
    assert [row[1:] for row in called(run)] == [
        (1, "called", "Brian"), (2, "called", "Chege"), (2, "called", "Dalia"), (3, "called", "Dalia"),
    ]  # fmt: skip
    assert "Called Brian, next on call of Nights (step 1 of 3)." in said(incident)


def test_an_owner_who_is_not_there_yet_is_nobody(amina, brian):
    walked = policy(amina, fallback=brian)
    targets(walked, 1, {"kind": "owner"})
    incident, run = begin(walked)
    tick(0)
    assert called(run) == [(1, 1, "nobody", ""), (1, 1, "fallback", "Brian")]
    assert "Nobody owns it yet. (step 1 of 1)" in said(incident)


def test_whoever_of_a_team_is_in_working_hours_now(amina):
    nairobi, bogota = make.site(zone="Africa/Nairobi"), make.site(zone="America/Bogota")
    chege, carlos = make.user(name="Chege", site=nairobi), make.user(name="Carlos", site=bogota)
    walked = policy(amina)
    targets(walked, 1, {"kind": "working", "team": make.team(members=(chege, carlos))})
    _incident, run = begin(walked)  # 11:00 in Nairobi, 03:00 in Bogotá
    tick(0)
    assert called(run) == [(1, 1, "called", "Chege")]


def test_a_channel_is_posted_to_and_counts_as_somebody(amina, brian):
    channel = brian.contact_points.create(
        kind="webhook", name="Slack", address_sealed="x", address_digest="x", hint="hooks.example",
        state="verified", state_at=NOW, created_at=NOW,
    )  # fmt: skip
    walked = policy(amina)
    targets(walked, 1, {"kind": "contact", "contact": channel})
    incident, run = begin(walked)
    tick(0)
    message = brian.messages.get()
    assert (message.channel, message.contact_id, message.kind) == ("webhook", channel.pk, "incident.page")
    assert any(line.startswith("Posted to the channel") for line in said(incident))
    assert called(run) == [(1, 1, "called", "")]


def test_round_robin_calls_one_the_next_each_time(amina, brian):
    chege = make.user(name="Chege")
    walked = policy([amina, brian, chege])
    change(walked, 1, round_robin=True)
    runs = [begin(walked)[1] for _ in range(4)]
    tick(0)
    assert [called(run)[0][3] for run in runs] == ["Amina", "Brian", "Chege", "Amina"]
    assert all(len(called(run)) == 1 for run in runs)


def test_another_policy_goes_on_and_never_in_a_circle(amina, brian):
    engineering, support = policy(brian, name="Engineering"), policy(amina, name="Support")
    change(support, 1, then_policy=engineering)
    change(engineering, 1, then_policy=support)
    incident, run = begin(support)
    tick(0)
    run.refresh_from_db()
    assert (run.policy, run.policy_name, run.step) == (engineering, "Engineering", 0)
    tick(5)
    assert [row[3] for row in called(run)] == ["Amina", "Brian"]
    assert "Support hands over to Engineering." in said(incident)
    assert "Support was walked already: Engineering goes on." in said(incident)
    tick(10)
    run.refresh_from_db()
    assert run.state == "exhausted"


def test_a_policy_that_is_not_in_use_any_more_does_not_follow(amina, brian):
    support = policy(amina, brian)
    change(support, 1, then_policy=policy(brian, is_active=False))
    incident, run = begin(support)
    tick(0)
    tick(5)
    assert [row[3] for row in called(run)] == ["Amina", "Brian"]
    assert any("not in use any more" in line for line in said(incident))


def watched(amina, brian, minutes=30):
    walked = policy(amina, brian, repage_minutes=minutes, is_default=True)
    incident = make.incident()
    run = EscalationRun.objects.get(subject_id=incident.pk)
    tick(0)
    lifecycle.acknowledge(incident, actor=person(amina), now=NOW + MINUTE)
    return walked, incident, run


def test_acknowledged_but_silent_it_calls_again(amina, brian):
    _walked, incident, run = watched(amina, brian)
    run.refresh_from_db()
    assert (run.state, run.next_at) == ("watching", NOW + 31 * MINUTE)
    tick(30)
    assert len(called(run)) == 1
    tick(31)
    assert [row[3] for row in called(run)] == ["Amina", "Amina"]
    assert any("nothing was written for 30 min" in line for line in said(incident))


def test_whoever_writes_is_left_in_peace(amina, brian):
    _walked, incident, run = watched(amina, brian)
    people.note(incident, text="Looking at it", actor=person(amina), now=NOW + 20 * MINUTE)
    tick(31)
    run.refresh_from_db()
    assert (run.state, run.next_at, len(called(run))) == ("watching", NOW + 50 * MINUTE, 1)
    tick(50)
    assert len(called(run)) == 2


def test_on_hold_and_once_resolved_nobody_is_called_again(amina, brian):
    _walked, incident, run = watched(amina, brian)
    lifecycle.resolve(incident, actor=person(amina), now=NOW + 5 * MINUTE, resolution="fixed")
    tick(600)
    run.refresh_from_db()
    assert (run.state, len(called(run))) == ("stopped", 1)


def test_without_a_wish_for_it_an_acknowledgement_ends_it(amina, brian):
    _walked, _incident, run = watched(amina, brian, minutes=None)
    run.refresh_from_db()
    assert run.state == "stopped"


def test_a_chosen_step_is_called_at_once(amina, brian):
    chege = make.user(name="Chege")
    policy(amina, brian, chege, is_default=True)
    incident = make.incident()
    run = EscalationRun.objects.get(subject_id=incident.pk)
    tick(0)
    people.escalate(incident, actor=person(amina), now=NOW + MINUTE, step=3)
    tick(1)
    assert [row[:2] + row[3:] for row in called(run)] == [(1, 1, "Amina"), (1, 3, "Chege")]
    people.escalate(incident, actor=person(amina), now=NOW + 2 * MINUTE, step=1)
    tick(2)
    assert called(run)[-1] == (2, 1, "called", "Amina")
    with pytest.raises(Invalid, match="3 steps"):
        people.escalate(incident, actor=person(amina), now=NOW + 3 * MINUTE, step=4)


def test_the_policy_by_hours(amina, brian):
    days, nights = policy(amina, name="Days"), policy(brian, name="Nights", is_default=True)
    service = office_hours_service()
    PolicyAssignment.objects.create(service=service, policy=days, hours="open")
    assert choose(service, "SEV2", NOW) == days
    assert choose(service, "SEV2", SATURDAY) == nights
    assert choose(service, "SEV2") == nights
    PolicyAssignment.objects.create(service=service, policy=nights)
    assert [choose(service, "SEV2", at) for at in (NOW, SATURDAY)] == [days, nights]


def test_what_was_begun_by_the_release_before_still_runs(amina, brian):
    walked = policy(amina, brian)
    _incident, run = begin(walked)
    old = {"steps": [{"wait_seconds": 300, "targets": [{"kind": "person", "user_id": user.pk}]} for user in (amina, brian)],
           "repeats": 0, "fallback_user_id": None}  # fmt: skip
    EscalationRun.objects.filter(pk=run.pk).update(terms=old)
    tick(0)
    tick(5)
    assert [row[3] for row in called(run)] == ["Amina", "Brian"]


def test_hours_and_alerts_are_looked_up_only_where_a_step_asks(amina, monkeypatch):
    walked = policy(amina)
    begin(walked)
    for name in ("hours", "alerts"):
        monkeypatch.setattr(IncidentSubject, name, lambda *words: pytest.fail("nobody asked"))
    assert tick(0) == 1


def test_a_chosen_step_of_terms_that_cant_be_read_is_refused_and_nothing_moves(amina, brian):
    policy(amina, brian, is_default=True)
    incident = make.incident()
    EscalationRun.objects.filter(subject_id=incident.pk).update(terms={"steps": "later"})
    before = EscalationRun.objects.values().get(subject_id=incident.pk)
    with pytest.raises(IllegalState, match="can't be read"):
        people.escalate(incident, actor=person(amina), now=NOW + MINUTE, step=2)
    assert EscalationRun.objects.values().get(subject_id=incident.pk) == before
