"""Why a promise is due when it is, and that telling it again from the timeline gives what is stored."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import IllegalState
from core.hours import BusinessHours
from core.intervals import Interval
from core.types import person
from incidents.domain import clocks, lifecycle, waits
from incidents.domain.edit import edit
from incidents.domain.replay import drifts
from incidents.models import Clock, Incident
from incidents.queries.explain import explained, hours_in_words
from services.domain import promise
from services.domain.explaining import explain
from services.models import CalendarException, CalendarFrame
from services.queries.hours import to_json
from tests import make
from tests.make import NOW

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
OFFICE = BusinessHours(
    "America/Bogota", (((9 * 3600, 17 * 3600),),) * 5 + ((),) * 2, frozenset({date(2026, 3, 4)})
)
FRIDAY = datetime(2026, 3, 6, 21, 30, tzinfo=UTC)  # 16:30 in Bogotá


def told(stretches):
    return [(each.kind, each.start, each.end, each.total) for each in stretches]


def test_a_friday_evening_goes_on_on_monday():
    terms = promise.Terms(OFFICE, FRIDAY, 3600, 75)
    due = promise.plan(terms).due_at
    found = explain(terms, now=FRIDAY + 10 * MINUTE, due_at=due)
    monday = datetime(2026, 3, 9, 14, 0, tzinfo=UTC)
    assert told(found.stretches) == [
        ("counted", FRIDAY, FRIDAY + 10 * MINUTE, 600),
        ("to_come", FRIDAY + 10 * MINUTE, FRIDAY + 30 * MINUTE, 1800),
        ("to_come", monday, monday + 30 * MINUTE, 3600),
    ]
    assert (found.used, found.left, due) == (600, 3000, monday + 30 * MINUTE)


def test_a_pause_says_what_it_was_for_and_counts_nothing():
    pause = Interval(NOW + 10 * MINUTE, NOW + 40 * MINUTE)
    terms = promise.Terms(BusinessHours.always(), NOW, 3600, 75, (pause,))
    found = explain(
        terms, now=NOW + HOUR, due_at=promise.plan(terms).due_at, reasons={pause.start: "waited for client"}
    )
    assert [(each.kind, each.total, each.reason) for each in found.stretches] == [
        ("counted", 600, ""),
        ("paused", 600, "waited for client"),
        ("counted", 1800, ""),
        ("to_come", 3600, ""),
    ]


def test_what_is_beyond_the_target_is_late():
    terms = promise.Terms(BusinessHours.always(), NOW, 3600, 75)
    found = explain(terms, now=NOW + 2 * HOUR, due_at=NOW + HOUR)
    assert told(found.stretches) == [
        ("counted", NOW, NOW + HOUR, 3600),
        ("late", NOW + HOUR, NOW + 2 * HOUR, 7200),
    ]
    assert found.left == -3600


moments = st.integers(0, 14 * 24 * 60).map(
    lambda minutes: datetime(2026, 3, 2, tzinfo=UTC) + minutes * MINUTE
)


@given(
    st.sampled_from([OFFICE, BusinessHours.always()]),
    moments,
    st.integers(1, 40 * 3600),
    st.lists(st.tuples(moments, moments).map(lambda pair: Interval(*sorted(pair))), max_size=4),
    moments,
)
def test_the_stretches_add_up(hours, start, target, pauses, now):
    now = max(start, now)
    terms = promise.Terms(hours, start, target, 75, tuple(pauses))
    due = promise.plan(terms).due_at
    found = explain(terms, now=now, due_at=due)
    seconds = {
        kind: sum(each.seconds for each in found.stretches if each.kind == kind)
        for kind in ("counted", "late", "to_come")
    }
    assert seconds["counted"] + seconds["late"] == found.used == promise.used(terms, now)
    assert found.left == target - found.used
    assert seconds["to_come"] == max(0, found.left)
    totals = [each.total for each in found.stretches]
    assert totals == sorted(totals)
    assert all(a.end <= b.start for a, b in zip(found.stretches, found.stretches[1:], strict=False))


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (BusinessHours.always(), "around the clock"),
        (OFFICE, "Mon–Fri 09:00–17:00 (America/Bogota)"),
        (
            BusinessHours("Asia/Kathmandu", (((0, 3600), (7200, 86400)), (), ((0, 3600),), ((0, 3600),), (), (), ())),
            "Mon 00:00–01:00, 02:00–24:00; Wed–Thu 00:00–01:00 (Asia/Kathmandu)",
        ),
    ],
)  # fmt: skip
def test_hours_in_words(hours, words):
    assert hours_in_words(to_json(hours)) == words


def held(alice, **fields):
    incident = lifecycle.acknowledge(make.incident(**fields), actor=alice, now=NOW)
    lifecycle.hold(incident, actor=alice, now=NOW + MINUTE, reason="Sample pages", party="client")
    return incident


@pytest.mark.django_db
def test_a_clock_that_is_not_what_its_timeline_makes_it_is_named():
    alice = person(make.user())
    incident = held(alice)
    lifecycle.resume(incident, actor=alice, now=NOW + 31 * MINUTE)
    clock, at = incident.clocks.get(kind="resolve"), NOW + HOUR
    states = waits.histories([incident.pk])[incident.pk]
    assert drifts(clock, states, at) == []
    for field, value in {
        "due_at": clock.due_at + HOUR,
        "warn_at": clock.warn_at - HOUR,
        "next_at": None,
        "pauses": [],
        "target_seconds": 60,
    }.items():
        fresh = Clock.objects.get(pk=clock.pk)
        setattr(fresh, field, value)
        named = {each.field for each in drifts(fresh, states, at)}
        assert field in named or (field == "target_seconds" and {"due_at", "warn_at"} <= named)


@pytest.mark.django_db
def test_a_rest_that_is_wrong_and_a_breach_that_is_missing_are_named():
    alice = person(make.user())
    incident = held(alice)
    clock = incident.clocks.get(kind="resolve")
    states = waits.histories([incident.pk])[incident.pk]
    assert drifts(clock, states, NOW + HOUR) == []
    clock.left_seconds += 60
    assert [each.field for each in drifts(clock, states, NOW + HOUR)] == ["left_seconds"]
    late = make.incident()
    lifecycle.acknowledge(late, actor=alice, now=NOW + 20 * MINUTE)
    clock = late.clocks.get(kind="acknowledge")
    assert drifts(clock, waits.History(), NOW + HOUR) == []
    clock.breached_at = None
    assert [each.field for each in drifts(clock, waits.History(), NOW + HOUR)] == ["breached_at"]


VERBS = {
    "acknowledge": {},
    "investigate": {},
    "hold": {"reason": "Sample pages", "party": "client"},
    "resume": {},
    "mitigate": {},
    "resolve": {"resolution": "fixed"},
    "close": {},
    "reopen": {},
    "escalate": {},
}


@pytest.mark.django_db
@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([*VERBS, "SEV1", "SEV3", "tick"]), st.integers(1, 40 * 60)),
        min_size=3,
        max_size=14,
    ),
    st.booleans(),
)
def test_whatever_happens_replaying_gives_what_is_stored(walk, office):
    with transaction.atomic():
        _walk(walk, office)
        transaction.set_rollback(True)


def _walk(walk, office):
    alice = person(make.user())
    make.policy(alice.user)
    agreement = make.agreement(calendar=_office() if office else None)
    incident, at = make.incident(service=make.service(agreement=agreement)), NOW
    first_breach: dict[int, datetime] = {}
    for verb, minutes in walk:
        at += minutes * MINUTE
        _do(incident, verb, alice, at)
        states = waits.histories([incident.pk])[incident.pk]
        for clock in incident.clocks.all():
            assert drifts(clock, states, at) == [], (verb, walk)
            found = explain(
                clocks.terms_of(clock, at), now=at, due_at=clock.due_at, ended_at=clock.ended_at,
                paused=clock.state == "paused",
            )  # fmt: skip
            assert all(each.seconds > 0 for each in found.stretches)
            if clock.breached_at is not None:
                assert first_breach.setdefault(clock.pk, clock.breached_at) == clock.breached_at
    live = [clock.kind for clock in incident.clocks.filter(state__in=["running", "paused"])]
    assert len(live) == len(set(live))


def _office():
    hours = make.calendar(always_open=False, zone="America/Bogota")
    for weekday in range(5):
        CalendarFrame.objects.create(calendar=hours, weekday=weekday, opens=9 * 60, closes=17 * 60)
    CalendarException.objects.create(calendar=hours, date=NOW.date() + timedelta(days=1))
    return hours


def _do(incident, verb, actor, at):
    if verb == "tick":
        clocks.tick(at)
        return
    try:
        if verb in VERBS:
            getattr(lifecycle, verb)(incident, actor=actor, now=at, **VERBS[verb])
        else:
            fresh = Incident.objects.get(pk=incident.pk)
            edit(fresh, actor=actor, now=at, changes={"severity": verb, "severity_reason": "as told"})
    except IllegalState:
        pass


@pytest.mark.django_db
def test_the_page_says_why_and_that_it_checked(client, django_assert_max_num_queries):
    alice = make.user()
    incident = held(person(alice))
    client.force_login(alice)
    with django_assert_max_num_queries(12):
        page = client.get(f"/incidents/{incident.ref}/promises/").content.decode()
    assert "so there is no due time" in page
    assert "waited for Client" in page
    assert page.count("Told again from the timeline just now: the same.") == 2
    Clock.objects.filter(incident=incident, kind="resolve").update(left_seconds=1)
    page = client.get(f"/incidents/{incident.ref}/promises/").content.decode()
    assert "It is not what the timeline makes it." in page
    assert (
        f"/incidents/{incident.ref}/promises/" in client.get(f"/incidents/{incident.ref}/").content.decode()
    )


@pytest.mark.django_db
def test_what_was_not_promised_is_not_explained(client):
    client.force_login(make.user())
    incident = make.incident(
        service=make.service(agreement=make.agreement({"SEV1": (5, 60)})),
        severity="SEV4",
        severity_reason="x",
    )
    page = client.get(f"/incidents/{incident.ref}/promises/").content.decode()
    assert "Nothing is promised" in page


@pytest.mark.django_db
def test_programs_read_the_same(client):
    alice = make.user()
    incident = held(person(alice))
    client.force_login(alice)
    (resolve, acknowledge) = client.get(f"/api/v1/incidents/{incident.ref}/clocks/explain/").json()
    assert (resolve["clock"]["state"], acknowledge["clock"]["state"]) == ("paused", "met")
    assert resolve["used_seconds"] == 60
    assert resolve["stretches"][0]["kind"] == "counted"
    assert resolve["drifts"] == []
    assert [event["kind"] for event in resolve["events"]] == ["opened", "state", "state"]


@pytest.mark.django_db
def test_programs_read_rungs_earlier_hours_and_the_words_of_each_promise(client):
    lead = make.user("lead")
    agreement = make.agreement(calendar=_office())
    make.target(agreement, "SEV1", "mitigate", mode="elapsed", minutes=90)
    agreement.versions.get().targets.filter(severity="SEV1", kind="resolve").update(mode="elapsed")
    make.rung(agreement, 50, kind="resolve")
    incident = make.incident(service=make.service(agreement=agreement), now=FRIDAY)
    clocks.tick(FRIDAY + 2 * HOUR)
    edit(
        incident,
        actor=person(lead),
        now=FRIDAY + 3 * HOUR,
        changes={"severity": "SEV1", "severity_reason": "worse"},
    )
    clocks.tick(FRIDAY + 24 * HOUR)
    client.force_login(lead)
    told = {
        each["clock"]["kind"]: each
        for each in client.get(f"/api/v1/incidents/{incident.ref}/clocks/explain/").json()
    }
    (earlier,) = told["resolve"]["earlier_hours"]
    assert "America/Bogota" in earlier["hours"]
    assert [(rung["words"], rung["done"]) for rung in told["resolve"]["ladder"]] == [
        ("at 50 percent of the time: tell whoever has it in hand", True)
    ]
    about = [event["text"] for event in told["mitigate"]["events"] if event["kind"] == "clock"]
    assert about == ["Mitigate is late: it was promised within 1 h 30"]


@pytest.mark.django_db
def test_all_of_it_takes_two_queries_however_many_promises(django_assert_num_queries):
    incident = held(person(make.user()))
    with django_assert_num_queries(2):
        explained(incident, NOW + HOUR, "UTC", inside=True)
