"""Warn and breach, each once, in business time."""

from datetime import UTC, datetime, timedelta

import pytest

from core.types import person
from incidents.domain import clocks, lifecycle
from incidents.models import Clock
from notifications.models import Message
from services.models import CalendarFrame
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
    kinds = Message.objects.filter(recipient=lead).values_list("kind", flat=True).distinct()
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
    agreement.targets.update(minutes=1)
    agreement.calendar.zone = "America/Bogota"
    agreement.calendar.save()
    assert clocks.tick(NOW + 5 * MINUTE) == 0
    assert incident.clocks.get(kind="acknowledge").due_at == NOW + 15 * MINUTE


def test_a_breach_tells_the_owner_and_the_lead():
    lead, alice = make.user("lead"), make.user()
    incident = make.incident(service=make.service(owning_team=make.team(lead=lead)))
    lifecycle.acknowledge(incident, actor=person(alice), now=NOW)
    clocks.tick(NOW + 300 * MINUTE)
    told = Message.objects.filter(kind="clock.breach").values_list("recipient", flat=True)
    assert set(told) == {lead.pk, alice.pk}
