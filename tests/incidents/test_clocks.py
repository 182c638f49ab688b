"""Warn and breach, each once, in business time."""

from datetime import UTC, datetime, timedelta

import pytest

from core.types import person
from incidents.domain import clocks, lifecycle
from incidents.models import Clock
from notifications.models import Message
from services.models import CalendarException, CalendarFrame
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def lines(incident, kind="clock"):
    return list(incident.entries.filter(kind=kind).order_by("pk").values_list("text", flat=True))


def test_it_warns_once_then_breaches_once():
    lead = make.user("lead")
    incident = make.incident(service=make.service(owning_team=make.team(lead=lead)))
    assert clocks.tick(NOW + 11 * MINUTE) == 0
    assert clocks.tick(NOW + 12 * MINUTE) == 1
    assert clocks.tick(NOW + 12 * MINUTE) == 0
    assert clocks.tick(NOW + 15 * MINUTE) == 1
    assert clocks.tick(NOW + 60 * MINUTE) == 0
    assert lines(incident) == [
        "Acknowledge is due in 3 min",
        "Acknowledge is late: it was promised within 15 min",
    ]
    kinds = Message.objects.filter(recipient=lead, kind__startswith="clock.").values_list("kind", flat=True)
    assert set(kinds) == {"clock.warn", "clock.breach"}


def test_an_engine_that_was_away_breaches_without_a_late_warning():
    incident = make.incident()
    clocks.tick(NOW + 60 * MINUTE)
    clocks.tick(NOW + 60 * MINUTE)
    assert lines(incident) == ["Acknowledge is late: it was promised within 15 min"]
    assert Clock.objects.get(incident=incident, kind="acknowledge").breached_at == NOW + 15 * MINUTE


def test_a_paused_clock_neither_warns_nor_breaches():
    alice = person(make.user())
    incident = lifecycle.acknowledge(make.incident(), actor=alice, now=NOW)
    lifecycle.hold(incident, actor=alice, now=NOW + MINUTE, reason="client")
    assert clocks.tick(NOW + timedelta(days=9)) == 0
    assert lines(incident) == []


def test_time_is_counted_in_the_agreements_calendar():
    hours = make.calendar(always_open=False, zone="Africa/Nairobi")
    for weekday in range(5):
        CalendarFrame.objects.create(calendar=hours, weekday=weekday, opens=9 * 60, closes=17 * 60)
    service = make.service(agreement=make.agreement({"SEV2": (60, 600)}, calendar=hours))
    friday = datetime(2026, 3, 6, 13, 30, tzinfo=UTC)  # 16:30 in Nairobi
    incident = make.incident(service=service, now=friday)
    acknowledge = incident.clocks.get(kind="acknowledge")
    assert acknowledge.due_at == datetime(2026, 3, 9, 6, 30, tzinfo=UTC)


def test_an_agreement_edited_tonight_changes_no_running_clock():
    agreement = make.agreement()
    incident = make.incident(service=make.service(agreement=agreement))
    version = agreement.versions.get()
    version.targets.update(minutes=1)
    version.calendar.zone = "America/Bogota"
    version.calendar.save()
    assert clocks.tick(NOW + 5 * MINUTE) == 0
    assert incident.clocks.get(kind="acknowledge").due_at == NOW + 15 * MINUTE


def test_a_breach_tells_the_owner_and_the_lead():
    lead, alice = make.user("lead"), make.user()
    incident = make.incident(service=make.service(owning_team=make.team(lead=lead)))
    lifecycle.acknowledge(incident, actor=person(alice), now=NOW)
    clocks.tick(NOW + 300 * MINUTE)
    told = Message.objects.filter(kind="clock.breach").values_list("recipient", flat=True)
    assert set(told) == {lead.pk, alice.pk}


FRIDAY = datetime(2026, 3, 6, 13, 30, tzinfo=UTC)  # 16:30 in Nairobi, half an hour before closing
MONDAY = datetime(2026, 3, 9, 6, 0, tzinfo=UTC)  # 09:00 in Nairobi, opening


@pytest.fixture
def office():
    """An incident opened on Friday at 16:30, to be resolved within two hours of 09:00-17:00 on weekdays."""
    hours = make.calendar(always_open=False, zone="Africa/Nairobi")
    for weekday in range(5):
        CalendarFrame.objects.create(calendar=hours, weekday=weekday, opens=9 * 60, closes=17 * 60)
    service = make.service(agreement=make.agreement({"SEV2": (60, 120)}, calendar=hours))
    return make.incident(service=service, now=FRIDAY)


def due(incident):
    return incident.clocks.filter(kind="resolve").latest("cycle").due_at


def test_a_hold_over_closing_time_keeps_what_was_used(office):
    alice = person(make.user())
    lifecycle.acknowledge(office, actor=alice, now=FRIDAY)
    lifecycle.hold(office, actor=alice, now=FRIDAY + 15 * MINUTE, reason="client")
    lifecycle.resume(office, actor=alice, now=MONDAY + 60 * MINUTE)
    assert due(office) == MONDAY + 60 * MINUTE + 105 * MINUTE


def test_a_hold_while_it_is_closed_moves_nothing(office):
    alice = person(make.user())
    lifecycle.acknowledge(office, actor=alice, now=FRIDAY)
    before = due(office)
    lifecycle.hold(office, actor=alice, now=FRIDAY + 30 * MINUTE, reason="client")
    lifecycle.resume(office, actor=alice, now=MONDAY)
    assert due(office) == before == MONDAY + 90 * MINUTE


def test_a_reopened_incident_goes_on_where_it_was_resolved(office):
    alice = person(make.user())
    lifecycle.acknowledge(office, actor=alice, now=FRIDAY)
    lifecycle.resolve(office, actor=alice, now=FRIDAY + 15 * MINUTE, resolution="fixed")
    lifecycle.reopen(office, actor=alice, now=MONDAY + 60 * MINUTE)
    assert due(office) == MONDAY + 60 * MINUTE + 105 * MINUTE
    clocks.tick(MONDAY + 180 * MINUTE)
    assert lines(office) == ["Resolve is late: it was promised within 2 h"]


def test_what_was_breached_before_a_reopen_is_not_breached_again(office):
    alice = person(make.user())
    lifecycle.acknowledge(office, actor=alice, now=FRIDAY)
    clocks.tick(MONDAY + 95 * MINUTE)
    lifecycle.resolve(office, actor=alice, now=MONDAY + 100 * MINUTE, resolution="fixed")
    lifecycle.reopen(office, actor=alice, now=MONDAY + 120 * MINUTE)
    for day in (0, 1, 30):
        assert clocks.tick(MONDAY + timedelta(days=day, hours=8)) == 0
    assert lines(office) == ["Resolve is late: it was promised within 2 h"]


def test_a_holiday_declared_while_a_promise_counts_moves_nothing(office):
    before = due(office)
    calendar = office.service.agreement.versions.get().calendar
    CalendarException.objects.create(calendar=calendar, date=MONDAY.date(), reason="Declared on Saturday")
    lifecycle.acknowledge(office, actor=person(make.user()), now=FRIDAY)
    clocks.tick(MONDAY + 89 * MINUTE)
    assert due(office) == before
