"""What a second look at the calling of rotas found: each was once wrong."""

from datetime import timedelta

import pytest

from core.types import person
from incidents.domain import lifecycle, people
from incidents.escalation import IncidentSubject
from incidents.models import Entry
from rotas.domain import covering, escalation
from rotas.domain.overrides import add_override
from rotas.models import Cover, EscalationRun
from rotas.queries.cover import who_was
from rotas.queries.oncall import following
from tests import make
from tests.make import NOW
from tests.rotas.make import DAY, HOUR, MINUTE, called, layer, policy, rota
from tests.rotas.test_escalation_in_full import begin, change, said, targets, tick, watched

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return make.user("lead", name="Grace")


@pytest.fixture
def channel(brian):
    return brian.contact_points.create(
        kind="webhook", name="Slack", address_sealed="x", address_digest="x", hint="hooks.example",
        state="verified", state_at=NOW, created_at=NOW,
    )  # fmt: skip


def test_a_channel_beside_an_empty_rota_does_not_stand_in_for_a_person(amina, channel):
    walked = policy(rota(name="Nights"), fallback=amina)
    targets(
        walked, 1, {"kind": "on_call", "rota": rota(name="Nights")}, {"kind": "contact", "contact": channel}
    )
    incident, run = begin(walked)
    tick(0)
    assert (1, 1, "fallback", "Amina") in called(run)
    assert any(line.startswith("Posted to the channel") for line in said(incident))


def test_a_policy_of_channels_ends_and_leads_are_told(lead, channel):
    walked = policy(lead)
    targets(walked, 1, {"kind": "contact", "contact": channel})
    _incident, run = begin(walked)
    for minute in (0, 5, 10):
        tick(minute)
    run.refresh_from_db()
    assert run.state == "exhausted"
    assert lead.messages.filter(subject__contains="nobody acknowledged").exists()
    assert channel.user.messages.filter(channel="webhook").count() == 1


def test_where_every_step_is_for_something_else_leads_are_told(amina, lead):
    walked = policy(amina)
    change(walked, 1, severities=["SEV1"])
    _incident, _run = begin(walked, severity="SEV4")
    tick(0)
    tick(5)
    tick(10)
    assert lead.messages.filter(subject__contains="nobody could be called", channel="in_app").count() == 1


def test_one_that_cannot_be_looked_after_holds_up_no_call(amina, brian, monkeypatch):
    _walked, _incident, run = watched(amina, brian)
    other = policy(brian)
    monkeypatch.setattr(IncidentSubject, "quiet_since", lambda *words: 1 / 0)
    _second, calling = begin(other, NOW + 31 * MINUTE)
    with pytest.raises(ZeroDivisionError):
        escalation.tick(NOW + 31 * MINUTE)
    assert called(calling) == [(1, 1, "called", "Brian")]
    run.refresh_from_db()
    assert (run.state, run.next_at) == ("watching", NOW + 32 * MINUTE)


def test_terms_that_cannot_be_read_end_the_watch(amina, brian):
    _walked, _incident, run = watched(amina, brian)
    EscalationRun.objects.filter(pk=run.pk).update(terms={})
    tick(31)
    run.refresh_from_db()
    assert run.state == "stopped"


def test_call_next_on_what_was_acknowledged_at_the_last_step_walks_again(amina):
    policy(amina, repage_minutes=30, is_default=True)
    incident = make.incident()
    run = EscalationRun.objects.get(subject_id=incident.pk)
    tick(0)
    lifecycle.acknowledge(incident, actor=person(amina), now=NOW + MINUTE)
    people.escalate(incident, actor=person(amina), now=NOW + 2 * MINUTE)
    tick(2)
    newest = EscalationRun.objects.filter(subject_id=incident.pk).order_by("-pk").first()
    assert newest.state == "running"
    assert len(called(newest)) + (len(called(run)) if newest != run else 0) == 2


def test_calling_again_never_makes_the_walk_longer(amina, brian):
    _walked, incident, run = watched(amina, brian)
    at = 1
    for _ in range(3):
        at += 30
        tick(at)
        lifecycle_now = NOW + (at + 1) * MINUTE
        people.note(incident, text="Here", actor=person(amina), now=lifecycle_now)
        escalation.stop("incident", incident.pk, reason="acknowledged", now=lifecycle_now, watches=True)
        at += 1
    run.refresh_from_db()
    assert (run.round, run.terms["repeats"] - run.round) == (3, 0)


def test_a_client_who_asks_is_no_sign_of_life(amina, brian):
    _walked, incident, run = watched(amina, brian)
    client = make.user("stakeholder")
    Entry.objects.create(
        incident=incident, kind="note", text="Anybody?", actor=client, actor_kind="person", actor_name="C",
        happened_at=NOW + 20 * MINUTE, recorded_at=NOW + 20 * MINUTE,
    )  # fmt: skip
    tick(31)
    assert len(called(run)) == 2


def test_after_another_policy_a_search_begins_with_the_first(amina, brian):
    first, second = policy(rota(), name="First"), policy(rota(), name="Second")
    change(first, 1, then_policy=second)
    _incident, run = begin(first)
    for minute in range(12):
        tick(minute)
    run.refresh_from_db()
    assert (run.policy_name, run.state) == ("First", "running")


def test_next_on_call_looks_past_a_gap(amina, brian):
    made = rota()
    layer(made, amina, hours=(8, 12))
    layer(made, brian, hours=(14, 18))
    assert [str(user) for user in following(made, NOW)] == ["Brian"]


def test_who_has_left_since_is_in_the_history_that_is_written_first(amina):
    made = rota()
    layer(made, amina, anchor=NOW - 30 * DAY)
    amina.is_active = False
    amina.save()
    covering.tick(NOW)
    assert [str(user) for user in who_was(made, NOW - 10 * DAY).users] == ["Amina"]
    assert who_was(made, NOW + DAY).users == ()


def test_a_change_in_the_middle_of_a_second_leaves_no_overlap(amina, brian):
    made = rota(amina)
    covering.tick(NOW)
    moment = NOW + timedelta(hours=1, microseconds=500_000)
    add_override(
        made,
        starts_at=moment,
        ends_at=moment + HOUR,
        user=brian,
        replaces=amina,
        actor=person(amina),
        now=moment,
    )
    covering.tick(moment + timedelta(seconds=1))
    rows = list(
        Cover.objects.filter(rota=made, ends_at__gt=NOW, starts_at__lt=NOW + 5 * HOUR).order_by("starts_at")
    )
    assert [a.ends_at for a in rows[:-1]] == [b.starts_at for b in rows[1:]]
