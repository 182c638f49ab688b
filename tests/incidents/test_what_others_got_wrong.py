"""Eighteen ways in which other service desks count promises wrongly, as their users reported them; each is a test here.

The numbers are those of the list: Zammad 1 to 6, GLPI 7 to 11, Frappe Helpdesk 12 to 14, osTicket 15 to 17, django-helpdesk 18.
"""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from core.types import person
from incidents.domain import clocks, lifecycle, parties, waits
from incidents.domain.edit import edit
from incidents.domain.replay import drifts
from incidents.models import Clock
from incidents.queries.bars import bar
from notifications.models import Message
from services.domain import agreements
from services.models import CalendarException, CalendarFrame
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def alice():
    return person(make.user(name="Alice"))


@pytest.fixture
def agreement():
    made = make.agreement({"SEV1": (5, 60), "SEV2": (15, 240)})
    make.target(made, "SEV2", "first_update", minutes=30)
    make.target(made, "SEV2", "next_update", minutes=60)
    return made


@pytest.fixture
def incident(agreement):
    return make.incident(service=make.service(agreement=agreement))


def office(zone="Africa/Nairobi", days=range(5), frames=((9, 17),)):
    hours = make.calendar(always_open=False, zone=zone)
    for weekday in days:
        for opens, closes in frames:
            CalendarFrame.objects.create(
                calendar=hours, weekday=weekday, opens=int(opens * 60), closes=int(closes * 60)
            )
    return hours


def with_hours(calendar, *, at, hour=None, **fields):
    made = make.agreement({}, calendar=calendar)
    make.target(made, "SEV2", "resolve", at=hour, **fields)
    return make.incident(service=make.service(agreement=made), now=at)


def due(incident, kind="resolve"):
    return incident.clocks.filter(kind=kind, basis="sla").latest("cycle").due_at


def tell(incident, who, minute, visibility="client"):
    lifecycle.note(
        incident, actor=who, now=NOW + minute * MINUTE, text="How it stands", visibility=visibility
    )


def said(incident):
    return list(incident.entries.filter(kind="clock").order_by("pk").values_list("text", flat=True))


def sound(incident, at):
    history = waits.histories([incident.pk])[incident.pk]
    return [each for clock in incident.clocks.all() for each in drifts(clock, history, at)] == []


def test_01_an_update_that_was_given_does_not_escalate(incident, alice):
    tell(incident, alice, 10)
    tell(incident, alice, 60)
    clocks.tick(NOW + 100 * MINUTE)
    assert [words for words in said(incident) if "update" in words.lower()] == []


def test_02_the_next_update_does_not_hide_the_first(incident, alice):
    clocks.tick(NOW + 31 * MINUTE)
    assert "First update is late: it was promised within 30 min" in said(incident)
    tell(incident, alice, 40)
    assert incident.clocks.get(kind="first_update").breached_at == NOW + 30 * MINUTE
    assert due(incident, "next_update") == NOW + 100 * MINUTE


def test_03_the_clients_answer_sets_the_clock_going_again(incident, alice):
    client = make.user("stakeholder", name="Rosa")
    incident.service.client = make.client_((client,))
    incident.service.save()
    lifecycle.acknowledge(incident, actor=alice, now=NOW)
    lifecycle.hold(incident, actor=alice, now=NOW + 10 * MINUTE, party="client", reason="samples")
    lifecycle.note(
        incident, actor=person(client), now=NOW + 70 * MINUTE, text="Here they are", visibility="client"
    )
    incident.refresh_from_db()
    assert (incident.state, due(incident)) == ("investigating", NOW + 300 * MINUTE)
    assert sound(incident, NOW + 80 * MINUTE)


def test_04_terms_that_hold_no_more_promise_nothing_new_and_what_counts_ends_with_its_incident(
    agreement, alice
):
    lead = person(make.user("lead"))
    service = make.service(agreement=agreement)
    old = make.incident(service=service)
    agreements.end(agreement.versions.get(), NOW + MINUTE, actor=lead, now=NOW)
    new = make.incident(service=service, now=NOW + 2 * MINUTE)
    assert new.clocks.count() == 0
    lifecycle.resolve(old, actor=alice, now=NOW + 10 * MINUTE)
    clocks.tick(NOW + 30 * DAY)
    assert said(old) == said(new) == []


def test_05_reopened_it_counts_on_without_the_time_it_stood_resolved(incident, alice):
    lifecycle.resolve(incident, actor=alice, now=NOW + HOUR)
    lifecycle.reopen(incident, actor=alice, now=NOW + DAY)
    assert due(incident) == NOW + DAY + 3 * HOUR
    assert sound(incident, NOW + DAY)


def test_06_what_became_part_of_another_is_not_counted_any_more(incident, alice):
    lifecycle.resolve(incident, actor=alice, now=NOW + 5 * MINUTE, resolution="duplicate")
    clocks.tick(NOW + 30 * DAY)
    assert said(incident) == []
    assert Message.objects.filter(kind__startswith="clock.").count() == 0


def test_07_another_severity_keeps_the_pause(incident, alice):
    lifecycle.acknowledge(incident, actor=alice, now=NOW)
    lifecycle.hold(incident, actor=alice, now=NOW + 10 * MINUTE, reason="samples")
    edit(
        incident, actor=alice, now=NOW + 30 * MINUTE, changes={"severity": "SEV1", "severity_reason": "worse"}
    )
    lifecycle.resume(incident, actor=alice, now=NOW + 40 * MINUTE)
    assert due(incident) == NOW + 90 * MINUTE
    assert sound(incident, NOW + 41 * MINUTE)


def test_08_nothing_is_broken_while_it_stands_still(incident, alice):
    lifecycle.acknowledge(incident, actor=alice, now=NOW)
    lifecycle.hold(incident, actor=alice, now=NOW + 10 * MINUTE, reason="samples")
    clocks.tick(NOW + 90 * DAY)
    assert incident.clocks.get(kind="resolve").breached_at is None


def test_09_the_time_it_stood_resolved_is_no_hold_and_is_told_apart(incident, alice):
    lifecycle.resolve(incident, actor=alice, now=NOW + HOUR)
    lifecycle.reopen(incident, actor=alice, now=NOW + 2 * HOUR)
    again = incident.clocks.get(kind="resolve", cycle=2)
    assert again.pauses == [[(NOW + HOUR).isoformat(), (NOW + 2 * HOUR).isoformat()]]
    assert not incident.party_intervals.filter(party="client").exists()


def test_10_closed_hours_are_no_waiting_in_targets_of_days():
    friday = datetime(2026, 3, 6, 13, 50, tzinfo=UTC)
    incident = with_hours(office(), at=friday, mode="business_days", days=2)
    clock = incident.clocks.get()
    assert (clock.due_at, clock.pauses) == (datetime(2026, 3, 10, 13, 50, tzinfo=UTC), [])


def test_11_a_teams_own_promise_counts_from_when_it_got_the_work(incident, alice):
    team = make.team("engineering")
    make.agreement({"SEV2": (30, 120)}, kind="ola", provider="engineering", receiver="l1", is_default=True)
    parties.hand_to(incident, "engineering", team=team, now=NOW + 3 * HOUR)
    ola = incident.clocks.get(basis="ola", kind="resolve")
    assert (ola.started_at, ola.due_at) == (NOW + 3 * HOUR, NOW + 5 * HOUR)


def test_12_a_hold_over_days_off_takes_away_what_was_open_and_no_more(alice):
    friday = datetime(2026, 3, 6, 13, 0, tzinfo=UTC)  # 16:00 in Nairobi
    incident = with_hours(office(), at=friday, minutes=120)
    lifecycle.acknowledge(incident, actor=alice, now=friday)
    lifecycle.hold(incident, actor=alice, now=friday + 30 * MINUTE, reason="samples")
    lifecycle.resume(incident, actor=alice, now=datetime(2026, 3, 9, 7, 0, tzinfo=UTC))  # Monday 10:00
    assert due(incident) == datetime(2026, 3, 9, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["America/Bogota", "Asia/Kathmandu", "UTC", "Pacific/Auckland"])
def test_13_late_is_late_in_every_readers_zone_and_no_hold_grows_it(incident, alice, zone):
    lifecycle.acknowledge(incident, actor=alice, now=NOW)
    lifecycle.hold(incident, actor=alice, now=NOW + 60 * MINUTE, reason="since February")
    clock = incident.clocks.get(kind="resolve")
    drawn = bar(clock, NOW + 42 * DAY, zone)
    assert (drawn.tone, drawn.left) == ("paused", "3 h left")


def test_14_lunch_is_not_counted():
    monday = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)  # 11:30 in Nairobi
    incident = with_hours(office(frames=((9, 12), (13, 17))), at=monday, minutes=60)
    assert due(incident) == datetime(2026, 3, 9, 10, 30, tzinfo=UTC)


def test_15_any_days_will_do():
    tuesday = datetime(2026, 3, 10, 13, 30, tzinfo=UTC)  # 16:30 in Nairobi
    incident = with_hours(office(days=(1, 4)), at=tuesday, minutes=60)
    assert due(incident) == datetime(2026, 3, 13, 6, 30, tzinfo=UTC)  # Friday 09:30


def test_16_a_day_of_other_hours_differs_on_that_day_only():
    calendar = office(frames=((9, 17),))
    for opens, closes in ((9 * 60, 12 * 60), (13 * 60, 17 * 60)):
        CalendarException.objects.create(
            calendar=calendar, date=date(2026, 3, 9), opens=opens, closes=closes, reason="Lunch"
        )
    incident = with_hours(calendar, at=datetime(2026, 3, 9, 8, 30, tzinfo=UTC), minutes=8 * 60)
    assert due(incident) == datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


def test_17_business_hours_and_a_hold_together(alice):
    monday = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)  # 15:00 in Nairobi
    incident = with_hours(office(), at=monday, minutes=240)
    lifecycle.acknowledge(incident, actor=alice, now=monday)
    lifecycle.hold(incident, actor=alice, now=monday + HOUR, reason="samples")
    lifecycle.resume(incident, actor=alice, now=datetime(2026, 3, 10, 7, 0, tzinfo=UTC))  # Tuesday 10:00
    assert due(incident) == datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
    assert sound(incident, datetime(2026, 3, 10, 7, 1, tzinfo=UTC))


def test_18_what_escalates_does_so_once_however_often_it_is_looked_at(agreement):
    make.rung(agreement, 50, kind="resolve", act="raise")
    incident = make.incident(service=make.service(agreement=agreement))
    for minute in range(120, 135):
        clocks.tick(NOW + minute * MINUTE)
    incident.refresh_from_db()
    assert incident.severity == "SEV1"
    assert incident.entries.filter(kind="severity").count() == 1


def test_an_hour_of_the_next_business_day_over_a_holiday():
    calendar = office()
    CalendarException.objects.create(calendar=calendar, date=date(2026, 3, 9), reason="Holiday")
    friday = datetime(2026, 3, 6, 13, 50, tzinfo=UTC)
    incident = with_hours(calendar, at=friday, mode="next_day", hour=time(16))
    assert due(incident) == datetime(2026, 3, 10, 13, 0, tzinfo=UTC)
    assert Clock.objects.get().mode == "next_day"
