"""Promises that are due are worked many at a time, and none of them holds up another."""

from datetime import timedelta

import pytest

from incidents.domain import clocks, told
from incidents.models import Clock
from notifications.models import Message
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
LATE = NOW + 12 * MINUTE


@pytest.fixture
def incidents():
    """Twelve whose acknowledgement is promised within 15 minutes and warned of after 12."""
    team = make.team(lead=make.user("lead"))
    return [make.incident(service=make.service(owning_team=team)) for _ in range(12)]


def warned() -> set[int]:
    return set(Clock.objects.filter(warned_at__isnull=False).values_list("incident_id", flat=True))


def test_the_most_severe_comes_first_however_many_wait(incidents):
    severe = incidents[-1]
    Clock.objects.exclude(incident=severe).update(severity="SEV3", next_at=NOW)
    Clock.objects.filter(incident=severe, kind="acknowledge").update(severity="SEV1", next_at=LATE)

    clocks.tick(LATE, limit=1)

    assert warned() == {severe.pk}


def test_many_cost_as_many_questions_as_few(incidents, django_assert_max_num_queries):
    with django_assert_max_num_queries(25):
        assert clocks.tick(LATE) == 12

    assert warned() == {incident.pk for incident in incidents}
    assert [incident.entries.filter(kind="clock").count() for incident in incidents] == [1] * 12
    assert Message.objects.filter(kind="clock.warn").values("about_ref").distinct().count() == 12
    incidents[0].refresh_from_db()
    assert incidents[0].last_entry == incidents[0].entries.get(kind="clock").text
    assert incidents[0].last_entry_at == LATE


def test_one_that_fails_stops_none_of_those_beside_it(incidents, monkeypatch, caplog):
    broken, decide = incidents[3], told.warn

    def fail(clock, incident, hands, now):
        if incident.pk == broken.pk:
            raise ZeroDivisionError
        return decide(clock, incident, hands, now)

    monkeypatch.setattr(told, "warn", fail)

    with pytest.raises(ZeroDivisionError):
        clocks.tick(LATE)

    assert warned() == {incident.pk for incident in incidents} - {broken.pk}
