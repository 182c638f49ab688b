"""Every kind of promise: updates, mitigation, analysis; those of other parties; ladders; other modes."""

from datetime import UTC, datetime, time, timedelta

import pytest

from core.types import person
from incidents.domain import clocks, lifecycle, parties, waits
from incidents.domain.edit import edit
from incidents.domain.replay import drifts
from incidents.models import Clock
from incidents.queries.promises import decided
from notifications.models import Message
from services.models import Agreement, CalendarFrame
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def office(**fields):
    hours = make.calendar(always_open=False, zone="Africa/Nairobi", **fields)
    for weekday in range(5):
        CalendarFrame.objects.create(calendar=hours, weekday=weekday, opens=9 * 60, closes=17 * 60)
    return hours


@pytest.fixture
def agreement():
    """SEV2: first word in 30 minutes, then every hour, mitigated in two, resolved in four, analysed in five business days."""
    made = make.agreement({"SEV2": (15, 240)})
    make.target(made, "SEV2", "first_update", minutes=30)
    make.target(made, "SEV2", "next_update", minutes=60)
    make.target(made, "SEV2", "mitigate", minutes=120)
    make.target(made, "SEV2", "rca", mode="business_days", days=5)
    make.target(made, "SEV2", "action", mode="business_days", days=20)
    return made


@pytest.fixture
def alice():
    return person(make.user(name="Alice"))


@pytest.fixture
def incident(agreement):
    return make.incident(service=make.service(agreement=agreement))


def due(incident, kind):
    """Each count of a promise: state, and minutes from NOW until it is due."""
    return [
        (clock.state, (clock.due_at - NOW) / MINUTE)
        for clock in incident.clocks.filter(kind=kind).order_by("cycle")
    ]


def no_drift(incident, now):
    history = waits.histories([incident.pk])[incident.pk]
    return [each for clock in incident.clocks.all() for each in drifts(clock, history, now)]


def say(incident, alice, minute, visibility="client"):
    lifecycle.note(
        incident, actor=alice, now=NOW + minute * MINUTE, text="How it stands", visibility=visibility
    )


def test_the_client_hears_first_in_half_an_hour_then_every_hour(incident, alice):
    assert due(incident, "first_update") == [("running", 30)]
    assert due(incident, "next_update") == []
    say(incident, alice, 10, "internal")
    assert due(incident, "first_update") == [("running", 30)]
    say(incident, alice, 20)
    say(incident, alice, 50)
    assert due(incident, "first_update") == [("met", 30)]
    assert due(incident, "next_update") == [("met", 80), ("running", 110)]
    clocks.tick(NOW + 111 * MINUTE)
    say(incident, alice, 120)
    lifecycle.resolve(incident, actor=alice, now=NOW + 150 * MINUTE)
    assert due(incident, "next_update") == [("met", 80), ("met", 110), ("met", 180)]
    kept = decided().filter(incident=incident, kind="next_update")
    assert [row.breached_at for row in kept.order_by("cycle")] == [None, NOW + 110 * MINUTE, None]
    assert no_drift(incident, NOW + 160 * MINUTE) == []


def test_what_the_client_writes_is_no_update(incident):
    client = person(make.user("stakeholder"))
    lifecycle.note(incident, actor=client, now=NOW + MINUTE, text="And?", visibility="client")
    assert due(incident, "first_update") == [("running", 30)]


def test_mitigated_then_resolved(incident, alice):
    lifecycle.mitigate(incident, actor=alice, now=NOW + 60 * MINUTE)
    assert (due(incident, "mitigate"), due(incident, "resolve")) == ([("met", 120)], [("running", 240)])
    lifecycle.resolve(incident, actor=alice, now=NOW + 90 * MINUTE)
    assert due(incident, "resolve") == [("met", 240)]


def test_resolved_without_mitigation_is_mitigated_too_and_the_analysis_begins(incident, alice):
    lifecycle.resolve(incident, actor=alice, now=NOW + 60 * MINUTE)
    assert due(incident, "mitigate") == [("met", 120)]
    rca = incident.clocks.get(kind="rca")
    assert (rca.state, rca.started_at, rca.due_at) == ("running", NOW + HOUR, NOW + HOUR + timedelta(days=5))
    lifecycle.close(incident, actor=alice, now=NOW + 2 * HOUR)
    assert incident.clocks.get(kind="rca").state == "running"
    assert no_drift(incident, NOW + 3 * HOUR) == []
    lifecycle.deliver(
        incident, actor=alice, now=NOW + timedelta(days=2), what="rca", url="https://example.org/rca"
    )
    assert incident.clocks.get(kind="rca").state == "met"
    assert incident.clocks.get(kind="action").due_at == NOW + timedelta(days=22)
    assert no_drift(incident, NOW + timedelta(days=3)) == []


def test_reopened_the_analysis_waits_for_the_end(incident, alice):
    lifecycle.resolve(incident, actor=alice, now=NOW + HOUR)
    lifecycle.reopen(incident, actor=alice, now=NOW + 2 * HOUR)
    assert [state for state, _ in due(incident, "rca")] == ["cancelled"]
    assert due(incident, "resolve") == [("met", 240), ("running", 300)]
    assert due(incident, "mitigate") == [("met", 120), ("running", 180)]
    assert no_drift(incident, NOW + 2 * HOUR) == []


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("pause", [("met", 240), ("running", 300)]),
        ("continue", [("met", 240), ("running", 240)]),
        ("new", [("met", 240), ("running", 360)]),
    ],
)
def test_a_reopened_incident_counts_as_the_agreement_says(rule, expected, alice):
    made = make.agreement({"SEV2": (15, 240)}, on_reopen=rule)
    incident = make.incident(service=make.service(agreement=made))
    lifecycle.resolve(incident, actor=alice, now=NOW + HOUR)
    lifecycle.reopen(incident, actor=alice, now=NOW + 2 * HOUR)
    assert due(incident, "resolve") == expected
    assert no_drift(incident, NOW + 3 * HOUR) == []


def test_a_broken_count_stays_broken_beside_a_new_one(alice):
    made = make.agreement({"SEV2": (15, 240)}, on_reopen="new")
    incident = make.incident(service=make.service(agreement=made))
    lifecycle.resolve(incident, actor=alice, now=NOW + 5 * HOUR)
    lifecycle.reopen(incident, actor=alice, now=NOW + 6 * HOUR)
    lifecycle.resolve(incident, actor=alice, now=NOW + 7 * HOUR)
    rows = decided().filter(incident=incident, kind="resolve").order_by("cycle")
    assert [row.breached_at for row in rows] == [NOW + 4 * HOUR, None]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("keep", [("running", 60)]),
        ("recompute", [("running", 60)]),
        ("forward", [("running", 240)]),
    ],
)
def test_another_severity_counts_as_the_agreement_says(rule, expected, alice):
    made = make.agreement({"SEV1": (5, 60), "SEV2": (15, 240)}, on_severity=rule)
    incident = make.incident(service=make.service(agreement=made))
    edit(
        incident, actor=alice, now=NOW + 20 * MINUTE, changes={"severity": "SEV1", "severity_reason": "worse"}
    )
    assert due(incident, "resolve") == expected
    assert no_drift(incident, NOW + HOUR) == []


def test_time_used_by_other_hours_stays_used(alice):
    """SEV2 counts office hours, SEV1 every hour: raised on Saturday, Friday's half hour stays used and the rest runs on."""
    made = make.agreement({}, calendar=office())
    make.target(made, "SEV2", "resolve", minutes=240)
    make.target(made, "SEV1", "resolve", mode="elapsed", minutes=60)
    friday = datetime(2026, 3, 6, 13, 30, tzinfo=UTC)  # 16:30 in Nairobi
    saturday = datetime(2026, 3, 7, 10, 0, tzinfo=UTC)
    incident = make.incident(service=make.service(agreement=made), now=friday)
    edit(incident, actor=alice, now=saturday, changes={"severity": "SEV1", "severity_reason": "worse"})
    clock = incident.clocks.get(kind="resolve")
    assert clock.due_at == saturday + 30 * MINUTE
    assert no_drift(incident, saturday + MINUTE) == []
    lifecycle.resolve(incident, actor=alice, now=saturday + 20 * MINUTE)
    assert incident.clocks.get(kind="resolve").breached_at is None


def test_what_is_used_up_already_is_late_at_once_where_all_counts_anew(alice):
    made = make.agreement({}, calendar=office(), on_severity="recompute")
    make.target(made, "SEV2", "resolve", minutes=240)
    make.target(made, "SEV1", "resolve", mode="elapsed", minutes=60)
    friday = datetime(2026, 3, 6, 13, 30, tzinfo=UTC)
    saturday = datetime(2026, 3, 7, 10, 0, tzinfo=UTC)
    incident = make.incident(service=make.service(agreement=made), now=friday)
    edit(incident, actor=alice, now=saturday, changes={"severity": "SEV1", "severity_reason": "worse"})
    assert incident.clocks.get(kind="resolve").due_at == friday + HOUR
    clocks.tick(saturday)
    assert incident.clocks.get(kind="resolve").breached_at == friday + HOUR


def test_a_hold_stops_a_promise_for_those_it_names(alice):
    made = make.agreement({"SEV2": (15, 240)})
    made.versions.get().targets.filter(kind="resolve").update(stops_for=["client"])
    incident = make.incident(service=make.service(agreement=made))
    lifecycle.acknowledge(incident, actor=alice, now=NOW)
    lifecycle.hold(incident, actor=alice, now=NOW + 10 * MINUTE, party="partner", reason="OCR engine")
    assert due(incident, "resolve") == [("running", 240)]
    lifecycle.hold(incident, actor=alice, now=NOW + 30 * MINUTE, party="client", reason="samples")
    assert incident.clocks.get(kind="resolve").state == "paused"
    lifecycle.hold(incident, actor=alice, now=NOW + 50 * MINUTE, party="partner", reason="OCR engine")
    assert due(incident, "resolve") == [("running", 260)]
    lifecycle.resume(incident, actor=alice, now=NOW + 70 * MINUTE)
    assert due(incident, "resolve") == [("running", 260)]
    assert no_drift(incident, NOW + 80 * MINUTE) == []


def test_the_clients_promise_stands_still_in_hands_that_stop_it(alice):
    made = make.agreement({"SEV2": (15, 240)})
    made.versions.get().targets.filter(kind="resolve").update(stops_with=["partner"])
    incident = make.incident(service=make.service(agreement=made))
    lifecycle.acknowledge(incident, actor=alice, now=NOW)
    assert parties.hand_to(incident, "partner", team=make.team("partner"), now=NOW + 20 * MINUTE)
    assert incident.clocks.get(kind="resolve").state == "paused"
    parties.hand_to(incident, "l2", team=make.team("l2"), now=NOW + 50 * MINUTE)
    assert due(incident, "resolve") == [("running", 270)]
    assert no_drift(incident, NOW + HOUR) == []


@pytest.fixture
def partner(incident):
    """A partner who answers within an hour and gives it back within four."""
    team = make.team("partner")
    incident.service.parties.add(team)
    made = make.agreement(
        {"SEV2": (60, 240)}, kind="uc", provider="partner", provider_team=team, receiver="l1", is_default=True
    )
    made.versions.get().targets.update(is_pausable=False)
    return team


def theirs(incident):
    return [
        (clock.kind, clock.state, (clock.due_at - NOW) / MINUTE)
        for clock in incident.clocks.filter(basis="uc").order_by("kind", "cycle")
    ]


def test_a_partners_promise_begins_with_the_work_and_ends_as_it_comes_back(incident, partner, alice):
    lifecycle.acknowledge(incident, actor=alice, now=NOW)
    parties.hand_to(incident, "partner", team=partner, now=NOW + 30 * MINUTE)
    assert theirs(incident) == [("acknowledge", "running", 90), ("resolve", "running", 270)]
    parties.hand_to(incident, "l2", team=make.team("l2"), now=NOW + 100 * MINUTE)
    assert [(kind, state) for kind, state, _ in theirs(incident)] == [
        ("acknowledge", "met"),
        ("resolve", "met"),
    ]
    late = incident.clocks.get(basis="uc", kind="acknowledge")
    assert late.breached_at == NOW + 90 * MINUTE
    parties.hand_to(incident, "partner", team=partner, now=NOW + 120 * MINUTE)
    assert theirs(incident)[1] == ("acknowledge", "running", 180)
    assert not decided().filter(incident=incident, basis="uc").exists()
    assert no_drift(incident, NOW + 121 * MINUTE) == []


def test_on_hold_for_the_partner_their_own_promise_counts(incident, partner, alice):
    incident.clocks.update(stops_for=["partner"])
    lifecycle.acknowledge(incident, actor=alice, now=NOW)
    make.target(Agreement.objects.get(kind="uc"), "SEV2", "mitigate", minutes=120, is_pausable=True)
    lifecycle.hold(incident, actor=alice, now=NOW + 10 * MINUTE, party="partner", reason="OCR engine")
    assert ("mitigate", "running", 130) in theirs(incident)
    assert incident.clocks.get(basis="sla", kind="resolve").state == "paused"
    assert no_drift(incident, NOW + 20 * MINUTE) == []


def test_sent_back_as_not_theirs_the_rest_of_their_promise_does_not_count(incident, partner, alice):
    lifecycle.acknowledge(incident, actor=alice, now=NOW)
    parties.hand_to(incident, "partner", team=partner, now=NOW + 30 * MINUTE)
    parties.hand_to(incident, "l1", team=None, now=NOW + 40 * MINUTE, bounced=True)
    assert [(kind, state) for kind, state, _ in theirs(incident)] == [
        ("acknowledge", "met"),
        ("resolve", "cancelled"),
    ]


def test_resolved_while_a_partner_has_it_their_promise_ends_too(incident, partner, alice):
    parties.hand_to(incident, "partner", team=partner, now=NOW + 30 * MINUTE)
    lifecycle.resolve(incident, actor=alice, now=NOW + 40 * MINUTE)
    assert {state for _, state, _ in theirs(incident)} == {"met"}


def test_a_ladder_tells_reminds_calls_and_raises_each_once(agreement, alice):
    lead = make.user("lead")
    first, second = make.user(), make.user()
    make.policy(first, second, wait=600)
    make.rung(agreement, 50, kind="resolve", whom="lead")
    make.rung(agreement, 30, kind="resolve", unit="before", act="escalate", step=2)
    make.rung(agreement, 60, kind="resolve", unit="after", act="raise")
    make.rung(agreement, 5, kind="first_update", unit="before", act="remind")
    team = make.team(lead=lead)
    incident = make.incident(service=make.service(agreement=agreement, owning_team=team))
    lifecycle.acknowledge(incident, actor=alice, now=NOW)
    for minute in (25, 26, 120, 121, 210, 211, 240, 299):
        clocks.tick(NOW + minute * MINUTE)
    words = list(incident.entries.filter(kind="clock").order_by("pk").values_list("text", flat=True))
    assert "Post an update: first update is due in 5 min" in words
    assert words.count("Resolve is due in 2 h") == 1
    calls = incident.entries.filter(kind="call", text__contains="escalated to step 2")
    assert calls.count() == 1
    incident.refresh_from_db()
    assert incident.severity == "SEV2"
    clocks.tick(NOW + 300 * MINUTE)
    clocks.tick(NOW + 301 * MINUTE)
    incident.refresh_from_db()
    assert incident.severity == "SEV1"
    assert incident.entries.filter(kind="severity").count() == 1
    assert Message.objects.filter(recipient=lead, kind="clock.warn", data__story="resolve").exists()


def test_rungs_wait_while_the_promise_stands_still(agreement, alice):
    make.rung(agreement, 50, kind="resolve", whom="lead")
    incident = make.incident(service=make.service(agreement=agreement))
    lifecycle.acknowledge(incident, actor=alice, now=NOW)
    lifecycle.hold(incident, actor=alice, now=NOW + 60 * MINUTE, reason="samples")
    clocks.tick(NOW + 130 * MINUTE)
    assert not incident.entries.filter(kind="clock", data__kind="resolve").exists()
    lifecycle.resume(incident, actor=alice, now=NOW + 180 * MINUTE)
    assert incident.clocks.get(kind="resolve").rung_at == NOW + 240 * MINUTE
    assert no_drift(incident, NOW + 181 * MINUTE) == []


def test_an_engine_that_was_away_says_one_word_of_a_ladder(agreement):
    for percent in (20, 40, 60):
        make.rung(agreement, percent, kind="resolve")
    incident = make.incident(service=make.service(agreement=agreement))
    clocks.tick(NOW + 170 * MINUTE)
    said = incident.entries.filter(kind="clock", data__kind="resolve").values_list("data__rung", flat=True)
    assert list(said) == ["rung-2"]


FRIDAY_EVENING = datetime(2026, 3, 6, 13, 50, tzinfo=UTC)  # 16:50 in Nairobi


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"mode": "business", "minutes": 30}, datetime(2026, 3, 9, 6, 20, tzinfo=UTC)),
        ({"mode": "elapsed", "minutes": 30}, datetime(2026, 3, 6, 14, 20, tzinfo=UTC)),
        ({"mode": "business_days", "days": 2}, datetime(2026, 3, 10, 13, 50, tzinfo=UTC)),
        ({"mode": "next_day", "at": time(16)}, datetime(2026, 3, 9, 13, 0, tzinfo=UTC)),
        ({"mode": "next_day"}, datetime(2026, 3, 9, 14, 0, tzinfo=UTC)),
    ],
)
def test_friday_evening_in_each_mode(target, expected):
    made = make.agreement({}, calendar=office())
    make.target(made, "SEV2", "resolve", **target)
    incident = make.incident(service=make.service(agreement=made), now=FRIDAY_EVENING)
    assert incident.clocks.get().due_at == expected
    assert no_drift(incident, FRIDAY_EVENING + MINUTE) == []


def test_hours_are_read_in_the_clients_zone():
    made = make.agreement({}, calendar=office(), zone_source="client")
    make.target(made, "SEV2", "resolve", minutes=30)
    client = make.client_(zone="America/Bogota")
    incident = make.incident(service=make.service(agreement=made, client=client), now=FRIDAY_EVENING)
    assert incident.clocks.get().due_at == datetime(2026, 3, 6, 14, 30, tzinfo=UTC)  # 09:30 in Bogotá


def test_many_opened_at_once_have_no_drift(incident):
    assert Clock.objects.filter(incident=incident).count() == 4
    assert no_drift(incident, NOW) == []


def test_mitigated_and_then_not_it_counts_on_without_the_time_it_was(incident, alice):
    lifecycle.mitigate(incident, actor=alice, now=NOW + 30 * MINUTE)
    lifecycle.investigate(incident, actor=alice, now=NOW + 70 * MINUTE)
    assert due(incident, "mitigate") == [("met", 120), ("running", 160)]
    assert no_drift(incident, NOW + 71 * MINUTE) == []
    lifecycle.mitigate(incident, actor=alice, now=NOW + 80 * MINUTE)
    lifecycle.resolve(incident, actor=alice, now=NOW + 100 * MINUTE)
    lifecycle.reopen(incident, actor=alice, now=NOW + 200 * MINUTE)
    assert due(incident, "mitigate")[-1] == ("running", 280)
    assert due(incident, "resolve") == [("met", 240), ("running", 340)]
    assert no_drift(incident, NOW + 201 * MINUTE) == []


def test_updates_begin_with_a_reopening_where_the_first_word_was_the_end(incident, alice):
    lifecycle.resolve(incident, actor=alice, now=NOW + 20 * MINUTE)
    assert due(incident, "next_update") == []
    lifecycle.reopen(incident, actor=alice, now=NOW + 60 * MINUTE)
    assert due(incident, "next_update") == [("running", 120)]


@pytest.mark.parametrize("resolution", ["duplicate", "no_fault"])
def test_no_analysis_is_promised_where_there_was_no_fault_of_its_own(incident, alice, resolution):
    lifecycle.resolve(incident, actor=alice, now=NOW + 20 * MINUTE, resolution=resolution)
    assert not incident.clocks.filter(kind="rca").exists()
