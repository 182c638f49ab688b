"""The verbs: what each changes, what it leaves alone, and what it refuses."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from core.errors import Changed, IllegalState, Invalid
from core.types import machine, person
from incidents.choices import OPEN_STATES, State
from incidents.domain import edit, lifecycle, states
from incidents.models import Entry, Incident
from notifications.models import Message
from rotas.domain import escalation
from rotas.models import EscalationRun
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def texts(incident: Incident) -> list[str]:
    return list(incident.entries.order_by("pk").values_list("text", flat=True))


def clock(incident: Incident, kind: str):
    return incident.clocks.filter(kind=kind).order_by("-cycle").first()


def test_opening_starts_promises_and_a_run():
    alice = make.user()
    make.policy(alice)
    incident = make.incident(impact="high", urgency="medium")
    assert incident.severity == "SEV2"
    assert [(c.kind, c.due_at - NOW) for c in incident.clocks.order_by("kind")] == [
        ("acknowledge", 15 * MINUTE),
        ("resolve", 240 * MINUTE),
    ]
    assert incident.next_due_at == NOW + 15 * MINUTE
    assert EscalationRun.objects.get(subject_id=incident.pk).state == "running"
    assert incident.party_intervals.get().party == "l1"


def test_without_a_policy_the_timeline_says_that_nobody_was_called():
    incident = make.incident()
    escalation.tick(NOW)
    assert any("nobody" in text.lower() for text in texts(incident))


def test_acknowledging_meets_the_promise_stops_the_run_and_makes_an_owner():
    alice, bob = make.user(name="Alice A"), make.user(name="Bob B")
    make.policy(alice, bob)
    incident = make.incident()
    escalation.tick(NOW)
    assert set(Message.objects.values_list("recipient__name", flat=True)) == {"Alice A"}
    incident = lifecycle.acknowledge(incident, actor=person(alice), now=NOW + 3 * MINUTE)
    assert (incident.state, incident.owner, incident.acknowledged_at) == (
        State.ACKNOWLEDGED,
        alice,
        NOW + 3 * MINUTE,
    )
    assert clock(incident, "acknowledge").state == "met"
    assert EscalationRun.objects.get().state == "stopped"
    assert escalation.tick(NOW + timedelta(hours=1)) == 0
    assert not Message.objects.filter(recipient=bob).exists()
    assert texts(incident)[-1] == "Alice A acknowledged, 12 min to spare"


def test_nobody_acknowledges_so_the_next_step_is_called():
    alice, bob = make.user(), make.user()
    make.policy(alice, bob, wait=5)
    make.incident()
    escalation.tick(NOW)
    assert not Message.objects.filter(recipient=bob).exists()
    escalation.tick(NOW + 5 * MINUTE)
    assert Message.objects.filter(recipient=bob, kind="incident.page").exists()


def test_a_verb_that_would_change_nothing_writes_nothing():
    alice = make.user()
    incident = lifecycle.acknowledge(make.incident(), actor=person(alice), now=NOW)
    before = (incident.version, incident.entries.count())
    incident = lifecycle.acknowledge(incident, actor=person(make.user()), now=NOW + MINUTE)
    assert (incident.version, incident.entries.count()) == before
    assert incident.owner == alice


def test_clock_stops_while_waiting_for_client():
    alice = person(make.user())
    incident = lifecycle.acknowledge(make.incident(), actor=alice, now=NOW)
    lifecycle.hold(incident, actor=alice, now=NOW + 60 * MINUTE, party="client", reason="sample pages")
    held = clock(incident, "resolve")
    assert (held.state, held.left_seconds, held.next_at) == ("paused", 180 * 60, None)
    incident = lifecycle.resume(incident, actor=alice, now=NOW + 160 * MINUTE)
    assert clock(incident, "resolve").due_at == NOW + 340 * MINUTE
    assert [(i.party, i.ends_at) for i in incident.party_intervals.order_by("pk")] == [
        ("l1", NOW + 60 * MINUTE),
        ("client", NOW + 160 * MINUTE),
        ("l1", None),
    ]


def test_hold_of_an_unacknowledged_incident_keeps_the_acknowledge_clock_running():
    incident = make.incident()
    lifecycle.hold(incident, actor=person(make.user()), now=NOW + MINUTE, party="client", reason="asked")
    assert clock(incident, "acknowledge").state == "running"


@pytest.mark.parametrize("state", OPEN_STATES)
def test_resolve_is_legal_from_any_open_state(state: State):
    alice = person(make.user())
    incident = make.incident()
    for verb in {
        State.NEW: [],
        State.ACKNOWLEDGED: ["acknowledge"],
        State.INVESTIGATING: ["investigate"],
        State.MITIGATED: ["mitigate"],
        State.ON_HOLD: ["hold"],
    }[state]:
        extra = {"reason": "waiting"} if verb == "hold" else {}
        getattr(lifecycle, verb)(incident, actor=alice, now=NOW, **extra)
    incident.refresh_from_db()
    assert incident.state == state
    incident = lifecycle.resolve(
        incident, actor=alice, now=NOW + MINUTE, resolution="fixed", note="rolled back"
    )
    assert (incident.state, incident.resolution, incident.next_due_at) == (State.RESOLVED, "fixed", None)
    assert set(incident.clocks.values_list("state", flat=True)) == {"met"}
    assert not incident.party_intervals.filter(ends_at=None).exists()


def test_reopening_counts_on_without_the_time_it_stood_resolved():
    alice = person(make.user())
    incident = lifecycle.acknowledge(make.incident(), actor=alice, now=NOW)
    lifecycle.resolve(incident, actor=alice, now=NOW + 100 * MINUTE, resolution="fixed")
    incident = lifecycle.reopen(incident, actor=alice, now=NOW + 160 * MINUTE)
    again = clock(incident, "resolve")
    assert (incident.state, incident.resolved_at, incident.reopened_count) == (State.INVESTIGATING, None, 1)
    assert (again.state, again.cycle, again.due_at) == ("running", 2, NOW + 300 * MINUTE)


def test_met_late_keeps_its_breach():
    alice = person(make.user())
    incident = lifecycle.acknowledge(make.incident(), actor=alice, now=NOW + 20 * MINUTE)
    late = clock(incident, "acknowledge")
    assert (late.state, late.breached_at, late.met_at) == ("met", NOW + 15 * MINUTE, NOW + 20 * MINUTE)
    assert texts(incident)[-1].endswith("5 min late")


def test_an_illegal_verb_names_what_is_possible():
    alice = person(make.user())
    incident = lifecycle.resolve(make.incident(), actor=alice, now=NOW, resolution="fixed")
    with pytest.raises(IllegalState) as refused:
        lifecycle.hold(incident, actor=alice, now=NOW, reason="x")
    assert refused.value.extra["legal"] == ["close", "reopen", "note", "deliver", "link", "impact"]


def test_cancelling_needs_a_reason_and_cancels_promises():
    lead = person(make.user("lead"))
    incident = make.incident()
    with pytest.raises(Invalid):
        lifecycle.cancel(incident, actor=lead, now=NOW)
    incident = lifecycle.cancel(incident, actor=lead, now=NOW, reason="a test alert")
    assert set(incident.clocks.values_list("state", flat=True)) == {"cancelled"}


def test_a_retired_service_opens_nothing():
    with pytest.raises(IllegalState):
        make.incident(service=make.service(lifecycle="retired"))


def test_a_severity_unlike_the_matrix_needs_its_reason():
    with pytest.raises(Invalid) as refused:
        make.incident(impact="low", urgency="low", severity="SEV1")
    assert list(refused.value.fields) == ["severity_reason"]
    assert (
        make.incident(impact="low", urgency="low", severity="SEV1", severity_reason="regulator").severity
        == "SEV1"
    )


def test_raising_severity_keeps_what_was_used():
    alice = person(make.user())
    incident = make.incident(impact="medium", urgency="medium")
    assert incident.severity == "SEV3"
    edit.edit(incident, actor=alice, now=NOW + 30 * MINUTE, changes={"impact": "high", "urgency": "high"})
    incident.refresh_from_db()
    assert incident.severity == "SEV1"
    assert clock(incident, "resolve").due_at == NOW + 60 * MINUTE


def test_a_sev1_calls_the_lead_of_the_team():
    lead = make.user("lead")
    make.incident(service=make.service(owning_team=make.team(lead=lead)), impact="high", urgency="high")
    assert Message.objects.filter(recipient=lead, kind="incident.major").exists()


def test_an_edit_of_an_old_copy_is_refused_and_says_what_changed():
    alice = person(make.user(name="Alice A"))
    incident = make.incident()
    lifecycle.acknowledge(incident, actor=alice, now=NOW)
    with pytest.raises(Changed) as refused:
        edit.edit(incident, actor=alice, now=NOW, changes={"title": "Other"}, expected_version=1)
    assert refused.value.extra["version"] == 2
    assert "acknowledged" in refused.value.extra["changes"][0]["what"]


def test_a_note_is_kept_word_for_word_and_cannot_be_changed():
    alice = person(make.user())
    incident = make.incident()
    entry = lifecycle.note(incident, actor=alice, now=NOW, text="All 312 are region <coast>.")
    assert entry.text == "All 312 are region <coast>."
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(text="else")


def test_only_responders_can_own():
    client = make.user("stakeholder")
    with pytest.raises(Invalid):
        lifecycle.assign(make.incident(), actor=person(make.user()), now=NOW, owner=client)


def test_the_one_who_acts_is_not_messaged():
    alice, bob = make.user(), make.user()
    incident = lifecycle.assign(make.incident(), actor=person(alice), now=NOW, owner=alice)
    assert not Message.objects.filter(kind="incident.assigned").exists()
    lifecycle.assign(incident, actor=person(alice), now=NOW, owner=bob)
    assert set(Message.objects.filter(kind="incident.assigned").values_list("recipient", flat=True)) == {
        bob.pk
    }


def test_a_machine_that_acknowledges_owns_nothing():
    incident = lifecycle.acknowledge(make.incident(), actor=machine("Grafana"), now=NOW)
    assert (incident.state, incident.owner) == (State.ACKNOWLEDGED, None)


def test_every_state_offers_only_verbs_that_do_something():
    for state in State:
        for verb in states.legal(state):
            assert states.would_change(verb, state)
