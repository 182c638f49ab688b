"""Promises that are due are worked many at a time, and none of them holds up another."""

from datetime import timedelta

import pytest

from incidents.domain import blind, clocks, intake, storms, told
from incidents.models import Clock
from incidents.queries import waiting
from monitoring.models import AlertChange, ServiceStorm
from notifications.models import Message
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
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


def test_one_that_fails_stands_back_and_is_shown_until_it_is_worked(incidents, monkeypatch):
    broken = incidents[3]
    clock = broken.clocks.get(kind="acknowledge")
    with monkeypatch.context() as patch:
        patch.setattr(told, "warn", lambda clock, incident, hands, now: 1 / (incident.pk - broken.pk))
        Clock.objects.exclude(pk=clock.pk).update(next_at=None)
        with pytest.raises(ZeroDivisionError):
            clocks.tick(LATE)

    clock.refresh_from_db()
    assert clock.next_at == LATE + 30 * SECOND
    stuck = waiting.clocks_stuck(LATE + SECOND, 10)
    assert [row.url for row in stuck] == [f"/incidents/{broken.ref}/"]
    assert waiting.clocks_waiting(LATE + SECOND).stuck == 1
    assert (clocks.tick(LATE + 29 * SECOND), clocks.tick(LATE + 30 * SECOND)) == (0, 1)
    assert waiting.clocks_stuck(LATE + 31 * SECOND, 10) == []


@pytest.mark.parametrize(("engine", "verb"), [(storms, "_speak"), (blind, "_tell")])
def test_a_storm_or_a_blind_alert_that_fails_holds_up_nothing(engine, verb, monkeypatch):
    services = [make.service(), make.service()]
    for service in services:
        blinded = make.alert(service, severity="critical", status="no_data", blind_due_at=NOW)
        make.change(blinded, "no_data")
        incident = make.incident(service=service)
        ServiceStorm.objects.create(
            service=service, incident_id=incident.pk, began_at=NOW, told_at=NOW, next_at=NOW
        )
    make.alert(services[1], title="Drift")
    AlertChange.objects.exclude(alert__title="Drift").update(handled_at=NOW)
    real, told_of = getattr(engine, verb), []

    def fail(what, *args):
        if not told_of:
            told_of.append(what)
            raise ZeroDivisionError
        told_of.append(what)
        return real(what, *args)

    monkeypatch.setattr(engine, verb, fail)

    with pytest.raises(ZeroDivisionError):
        intake.tick(NOW)
    assert len(told_of) == 2
    assert not AlertChange.objects.filter(handled_at=None).exists()
    assert intake.tick(NOW + 29 * SECOND) == 0
    intake.tick(NOW + 30 * SECOND)
    assert len(told_of) == 3
