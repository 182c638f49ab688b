"""Promises of every kind through random lives, and four journeys told in full."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import IllegalState
from core.types import person
from incidents.domain import clocks, lifecycle, parties, replanning, waits
from incidents.domain.edit import edit
from incidents.domain.replay import drifts
from incidents.models import Clock, Incident
from services.domain import agreements, promise
from services.domain.explaining import explain
from services.models import CalendarException, CalendarFrame
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
VERBS = {
    "acknowledge": {},
    "investigate": {},
    "resume": {},
    "mitigate": {},
    "resolve": {"resolution": "fixed"},
    "close": {},
    "reopen": {},
}
STEPS = [
    *VERBS, "SEV1", "SEV2", "SEV3", "tick", "hold client", "hold partner", "hold engineering", "to l2", "to engineering",
    "to partner", "bounce", "update", "rca", "action", "apply keep", "apply recompute",
]  # fmt: skip


def office(zone, frames=((9, 17),), days=range(5)):
    hours = make.calendar(always_open=False, zone=zone)
    for weekday in days:
        for opens, closes in frames:
            CalendarFrame.objects.create(
                calendar=hours, weekday=weekday, opens=opens * 60, closes=closes * 60
            )
    return hours


def rich(on_reopen, on_severity):
    """An agreement with a promise of every kind and mode, a ladder, and OLAs of two parties."""
    made = make.agreement(
        {"SEV1": (5, 60), "SEV2": (30, 480)},
        calendar=office("Africa/Nairobi"),
        on_reopen=on_reopen,
        on_severity=on_severity,
    )
    made.versions.get().targets.filter(kind="resolve").update(stops_for=["client"], stops_with=["partner"])
    for severity, minutes in (("SEV1", 15), ("SEV2", 60)):
        make.target(made, severity, "first_update", minutes=minutes, is_pausable=False)
        make.target(made, severity, "next_update", minutes=2 * minutes, mode="elapsed")
        make.target(made, severity, "mitigate", minutes=4 * minutes)
        make.target(made, severity, "rca", mode="business_days", days=3)
        make.target(made, severity, "action", mode="next_day")
    make.rung(made, 50, kind="resolve", whom="lead")
    make.rung(made, 20, kind="resolve", unit="after")
    make.rung(made, 5, unit="before", act="remind")
    for party in ("engineering", "partner"):
        make.agreement(
            {"SEV1": (15, 120), "SEV2": (60, 600)},
            calendar=office("Asia/Kathmandu"),
            kind="ola" if party == "engineering" else "uc",
            provider=party,
            receiver="l1",
            is_default=True,
            pausable_acknowledge=True,
        )
    return made


def act(incident, step, who, at):
    fresh = Incident.objects.get(pk=incident.pk)
    try:
        if step == "tick":
            clocks.tick(at)
        elif step in VERBS:
            getattr(lifecycle, step)(fresh, actor=who, now=at, **VERBS[step])
        elif step.startswith("SEV"):
            edit(fresh, actor=who, now=at, changes={"severity": step, "severity_reason": "as told"})
        elif step.startswith("hold"):
            lifecycle.hold(fresh, actor=who, now=at, party=step.split()[1], reason=f"{step} at {at:%H:%M}")
        elif step == "update":
            lifecycle.note(fresh, actor=who, now=at, text="How it stands", visibility="client")
        elif step in {"rca", "action"}:
            lifecycle.deliver(fresh, actor=who, now=at, what=step)
        elif step.startswith("apply"):
            agreement = fresh.service.agreement
            replanning.ask(actor=who, now=at, how=step.split()[1], reason="as told", agreement=agreement)
            while replanning.tick(at):
                pass
        elif fresh.is_open and not fresh.hold_party:
            party = "l1" if step == "bounce" else step.split()[1]
            parties.hand_to(fresh, party, team=None, now=at, bounced=step == "bounce")
            fresh.save(update_fields=["party"])
    except IllegalState:
        pass


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(STEPS), st.integers(1, 20 * 60)), min_size=4, max_size=16),
    st.sampled_from(["pause", "continue", "new"]),
    st.sampled_from(["keep", "recompute", "forward"]),
)
def test_whatever_happens_what_is_stored_is_what_the_timeline_tells(walk, on_reopen, on_severity):
    with transaction.atomic():
        _live(walk, on_reopen, on_severity)
        transaction.set_rollback(True)


def _live(walk, on_reopen, on_severity):
    alice = person(make.user("lead"))
    make.policy(alice.user)
    incident, at = make.incident(service=make.service(agreement=rich(on_reopen, on_severity))), NOW
    breaches: dict[int, datetime] = {}
    ended: dict[int, tuple[str, datetime | None]] = {}
    for step, minutes in walk:
        at += minutes * MINUTE
        before = {clock.pk: promise.used(clocks.terms_of(clock, at), at) for clock in clocks.live(incident)}
        act(incident, step, alice, at)
        history = waits.histories([incident.pk])[incident.pk]
        for clock in incident.clocks.all():
            said = (step, clock.kind, clock.basis, walk)
            assert drifts(clock, history, at) == [], said
            terms = clocks.terms_of(clock, at)
            assert all(each.end >= each.start for each in terms.pauses), said
            told = explain(
                terms, now=at, due_at=clock.due_at, ended_at=clock.ended_at, paused=clock.state == "paused"
            )
            assert (
                sum(each.seconds for each in told.stretches if each.kind in {"counted", "late"}) == told.used
            )
            if clock.breached_at is not None:
                assert breaches.setdefault(clock.pk, clock.breached_at) == clock.breached_at, said
            if clock.ended_at is not None:
                assert ended.setdefault(clock.pk, (clock.state, clock.met_at)) == (
                    clock.state,
                    clock.met_at,
                ), said
            if clock.pk in before and clock.on_severity == "keep" and "recompute" not in step:
                assert promise.used(terms, at) >= before[clock.pk] - 1, said
    live = [(clock.basis, clock.provider, clock.kind) for clock in clocks.live(incident)]
    assert len(live) == len(set(live))


# Journeys.


@pytest.fixture
def alice():
    return person(make.user(name="Alice"))


def due(incident, kind="resolve", basis="sla"):
    return incident.clocks.filter(kind=kind, basis=basis).latest("cycle").due_at


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "days", "holiday", "raised", "acknowledged_by", "resolved_by"),
    [
        # Friday 16:50 in Nairobi; Monday 30 March a holiday: Tuesday it is
        ("Africa/Nairobi", range(5), date(2026, 3, 30), at(2026, 3, 27, 13, 50), at(2026, 3, 31, 6, 20), at(2026, 3, 31, 13, 50)),
        # Friday 16:50 in Bogotá; Monday a holiday as well
        ("America/Bogota", range(5), date(2026, 3, 30), at(2026, 3, 27, 21, 50), at(2026, 3, 31, 14, 20), at(2026, 3, 31, 21, 50)),
        # Friday 16:50 in Kathmandu, where the week is Sunday to Friday and Sunday a holiday
        ("Asia/Kathmandu", [6, *range(5)], date(2026, 3, 29), at(2026, 3, 27, 11, 5), at(2026, 3, 30, 3, 35),
         at(2026, 3, 30, 11, 5)),
    ],
)  # fmt: skip
def test_friday_evening_before_a_long_weekend(
    zone, days, holiday, raised, acknowledged_by, resolved_by, alice
):
    calendar = office(zone, days=days)
    CalendarException.objects.create(calendar=calendar, date=holiday, reason="Holiday")
    agreement = make.agreement({"SEV2": (30, 480)}, calendar=calendar)
    incident = make.incident(service=make.service(agreement=agreement), now=raised)
    assert (due(incident, "acknowledge"), due(incident)) == (acknowledged_by, resolved_by)
    clocks.tick(acknowledged_by - MINUTE)
    lifecycle.acknowledge(incident, actor=alice, now=acknowledged_by - MINUTE)
    lifecycle.resolve(incident, actor=alice, now=resolved_by - MINUTE)
    assert not Clock.objects.filter(breached_at__isnull=False).exists()


def test_raised_in_the_middle_it_keeps_what_was_used_and_hurries(alice):
    calendar = office("Africa/Nairobi")
    agreement = make.agreement({"SEV1": (5, 120), "SEV3": (60, 960)}, calendar=calendar)
    monday = at(2026, 3, 9, 12, 0)  # 15:00 in Nairobi
    incident = make.incident(
        service=make.service(agreement=agreement), now=monday, severity="SEV3", impact="low", urgency="high"
    )
    lifecycle.acknowledge(incident, actor=alice, now=monday + 10 * MINUTE)
    edit(incident, actor=alice, now=monday + HOUR, changes={"severity": "SEV1", "severity_reason": "spreads"})
    assert due(incident) == monday + 2 * HOUR
    clocks.tick(monday + 91 * MINUTE)
    clocks.tick(monday + 2 * HOUR)
    assert incident.clocks.get(kind="resolve").breached_at == monday + 2 * HOUR
    edit(
        incident,
        actor=alice,
        now=monday + 3 * HOUR,
        changes={"severity": "SEV3", "severity_reason": "contained"},
    )
    again = incident.clocks.get(kind="resolve")
    assert (again.breached_at, again.due_at) == (monday + 2 * HOUR, at(2026, 3, 11, 12, 0))


def test_to_a_partner_and_back(alice):
    partner = make.team("partner", name="DocuVision")
    make.agreement(
        {"SEV2": (60, 240)},
        calendar=office("Europe/London", frames=((8, 18),)),
        kind="uc",
        provider="partner",
        provider_team=partner,
        receiver="l1",
        is_default=True,
    )
    agreement = make.agreement({"SEV2": (15, 480)})
    agreement.versions.get().targets.filter(kind="resolve").update(stops_with=["partner"])
    monday = at(2026, 3, 9, 16, 30)
    incident = make.incident(service=make.service(agreement=agreement), now=monday)
    lifecycle.acknowledge(incident, actor=alice, now=monday)
    parties.hand_to(incident, "partner", team=partner, now=monday + 30 * MINUTE)  # 17:00 in London
    assert due(incident, "acknowledge", "uc") == at(2026, 3, 9, 18, 0)
    assert due(incident, "resolve", "uc") == at(2026, 3, 10, 11, 0)
    assert incident.clocks.get(basis="sla", kind="resolve").state == "paused"
    back = at(2026, 3, 10, 12, 0)
    parties.hand_to(incident, "l2", team=make.team("l2"), now=back)
    theirs = incident.clocks.get(basis="uc", kind="resolve")
    assert (theirs.state, theirs.breached_at) == ("met", at(2026, 3, 10, 11, 0))
    assert due(incident) == back + 450 * MINUTE
    lifecycle.resolve(incident, actor=alice, now=back + 60 * MINUTE)
    assert incident.clocks.get(basis="sla", kind="resolve").breached_at is None


def test_reopened_after_it_was_closed_by_terms_that_changed_meanwhile(alice):
    lead = person(make.user("lead"))
    agreement = make.agreement({"SEV2": (15, 240)})
    service = make.service(agreement=agreement)
    incident = make.incident(service=service)
    lifecycle.resolve(incident, actor=alice, now=NOW + HOUR)
    lifecycle.close(incident, actor=alice, now=NOW + 2 * HOUR)
    draft = agreements.draft(agreement, actor=lead, now=NOW + DAY)
    draft.targets.filter(kind="resolve").update(minutes=60)
    agreements.publish(draft, actor=lead, now=NOW + DAY)
    lifecycle.reopen(incident, actor=alice, now=NOW + 3 * DAY)
    assert due(incident) == NOW + 3 * DAY + 3 * HOUR
    fresh = make.incident(service=service, now=NOW + 3 * DAY)
    assert due(fresh) == NOW + 3 * DAY + HOUR
