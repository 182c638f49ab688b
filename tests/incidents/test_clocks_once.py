"""Each effect of a promise happens once: however late it is ticked, however often, by however many workers."""

from datetime import timedelta

import pytest

from incidents.domain import clocks
from incidents.models import Clock
from notifications.models import Message
from tests import make
from tests.make import NOW
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)
WORKERS = 5


@pytest.fixture
def lead():
    """Whoever hears of it, in the inbox only."""
    made = make.user("lead")
    for urgency in ("urgent", "ordinary"):
        made.notification_rules.create(urgency=urgency, channel="in_app", delay_minutes=0, position=0)
    return made


@pytest.fixture
def incidents(lead):
    """Six whose acknowledgement is promised within 15 minutes and warned of after 12."""
    team = make.team(lead=lead)
    return [make.incident(service=make.service(owning_team=team)) for _ in range(6)]


def said(incidents):
    """Of each incident: what its clocks did, and how many messages tell of it."""
    found = []
    for incident in incidents:
        rungs = [entry.data["rung"] for entry in incident.entries.filter(kind="clock").order_by("pk")]
        told = Message.objects.filter(about_ref=incident.ref, kind__startswith="clock.").count()
        found.append((rungs, told))
    return found


def tick_together(at):
    def drain(_):
        while clocks.tick(at):
            pass

    together(drain, WORKERS)
    # what was busy when the last of them looked
    drain(0)


def test_five_workers_warn_once_and_breach_once(incidents):
    tick_together(NOW + 12 * MINUTE)
    assert said(incidents) == [(["warn"], 1)] * 6
    tick_together(NOW + 15 * MINUTE)
    assert said(incidents) == [(["warn", "breach"], 2)] * 6


def test_five_workers_after_an_outage_breach_once_and_warn_of_nothing_that_is_over(incidents):
    tick_together(NOW + timedelta(days=9))
    # both promises are long due: acknowledge, then resolve
    assert said(incidents) == [(["breach", "breach"], 2)] * 6
    late = Clock.objects.order_by("incident_id", "breached_at").values_list("breached_at", flat=True)
    assert list(late) == [NOW + 15 * MINUTE, NOW + 240 * MINUTE] * 6


def test_the_same_instant_again_changes_nothing(incidents):
    tick_together(NOW + 15 * MINUTE)
    before = said(incidents)
    for minutes in (15, 14, 0, 15):
        assert clocks.tick(NOW + minutes * MINUTE) == 0
    assert said(incidents) == before
