"""A budget that burns becomes an alert and an incident through the doors that every alert takes, once."""

from datetime import timedelta

import pytest

from core.types import SYSTEM
from incidents.domain import intake as incident_intake
from incidents.models import Incident
from monitoring.domain import burn
from monitoring.domain import intake as alert_intake
from monitoring.models import Alert, AlertChange, Integration, RawDelivery
from services.domain import objectives
from services.domain.burn import RUNGS
from services.models import Objective, ObjectiveBurn
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def look(now) -> int:
    """One look at all that is due, and what follows from it."""
    done = 0
    while worked := burn.tick(now):
        done += worked
    for engine in (alert_intake, incident_intake):
        while engine.tick(now):
            pass
    return done


def failing(objective, at, share=0.5, total=1000):
    """Five minutes in which so much failed."""
    return make.bucket(objective, at, round(total * (1 - share)), total)


def burning(objective, now=NOW, hours=1.0):
    """It fails, and has for so long."""
    for n in range(int(hours * 12) + 2):
        failing(objective, now - n * 5 * MINUTE)


def firing():
    return sorted(ObjectiveBurn.objects.filter(is_firing=True).values_list("rung", flat=True))


def test_a_new_objective_is_looked_at_and_stands_written_down():
    each = make.objective()
    assert ObjectiveBurn.objects.filter(objective=each, next_at=NOW).count() == 4
    make.bucket(each, NOW - HOUR, 1000, 1000)
    assert look(NOW) == 4
    each.refresh_from_db()
    assert (each.state, each.spent_permille, each.stood_at) == ("healthy", 0, NOW)
    assert not RawDelivery.objects.exists()


def test_a_fast_burn_opens_an_incident_and_its_end_is_the_same_alerts():
    each = make.objective(name="Answers")
    burning(each)
    look(NOW)
    assert firing() == ["1d", "1h", "3d", "6h"]
    assert {(alert.labels["rung"], alert.severity) for alert in Alert.objects.all()} == {
        ("1h", "critical"), ("6h", "critical"), ("1d", "warning"), ("3d", "info"),
    }  # fmt: skip
    alert = Alert.objects.get(labels__rung="1h")
    assert (alert.identity, alert.service, alert.labels["objective"]) == (
        f"objective:{each.pk}:1h",
        each.service,
        each.slug,
    )
    incident = Incident.objects.get()
    assert incident.service == each.service
    # ten good minutes: the five-minute window is clean, the hour is not
    for n in range(1, 4):
        make.bucket(each, NOW + n * 5 * MINUTE, 1000, 1000)
    later = NOW + 16 * MINUTE
    look(later)
    assert "1h" not in firing()
    alert.refresh_from_db()
    assert (alert.status, alert.episodes, alert.ends_at) == ("resolved", 1, later)
    assert Alert.objects.count() == 4


def test_looking_twice_changes_nothing():
    burning(make.objective())
    look(NOW)
    posts, changes = RawDelivery.objects.count(), AlertChange.objects.count()
    assert look(NOW) == 0
    ObjectiveBurn.objects.update(next_at=NOW)  # the same rows due once more
    assert look(NOW) == 4
    look(NOW + MINUTE)
    assert (RawDelivery.objects.count(), AlertChange.objects.count()) == (posts, changes) == (4, 4)


def test_the_post_and_the_state_stand_or_fall_together(monkeypatch):
    burning(make.objective())

    def torn(*_args, **_more):
        raise RuntimeError("torn")

    monkeypatch.setattr(burn, "remember", torn)
    look(NOW)
    # the rung that is written down with the standing stands back; the others had their turn
    assert firing() == ["1d", "1h", "6h"]
    assert RawDelivery.objects.count() == 3
    monkeypatch.undo()
    look(NOW + 5 * MINUTE)
    assert firing() == ["1d", "1h", "3d", "6h"]
    assert RawDelivery.objects.count() == 4


def test_one_that_fails_holds_up_no_other(monkeypatch):
    bad, good = make.objective(), make.objective()
    burning(good)
    real = burn.rates
    monkeypatch.setattr(
        burn, "rates", lambda rung, sums, target: 1 / 0 if target == bad.target else real(rung, sums, target)
    )
    Objective.objects.filter(pk=bad.pk).update(target="99.800")
    bad.refresh_from_db()
    look(NOW)
    assert set(ObjectiveBurn.objects.filter(is_firing=True).values_list("objective", flat=True)) == {good.pk}
    assert set(ObjectiveBurn.objects.filter(objective=bad).values_list("next_at", flat=True)) == {
        NOW + 5 * MINUTE
    }


def test_it_fires_again_as_a_new_episode_of_the_same_alert():
    each = make.objective()
    burning(each)
    look(NOW)
    for n in range(1, 14):
        make.bucket(each, NOW + n * 5 * MINUTE, 1000, 1000)
    look(NOW + 66 * MINUTE)
    for n in range(14, 27):
        failing(each, NOW + n * 5 * MINUTE)
    look(NOW + 132 * MINUTE)
    alert = Alert.objects.get(labels__rung="1h")
    assert (alert.status, alert.episodes) == ("firing", 2)
    assert ObjectiveBurn.objects.get(rung="1h").episodes == 2


def test_silence_is_no_recovery():
    each = make.objective()
    burning(each)
    look(NOW)
    look(NOW + 20 * MINUTE)  # nothing was counted in the last five minutes
    assert "1h" in firing()


def test_time_up_burns_by_impact():
    each = make.objective(indicator="availability", unit="")
    make.impact(each.service, 40, ends_at=None)
    look(NOW)
    assert "1h" in firing()
    assert Incident.objects.get().service == each.service


@pytest.mark.parametrize("change", [{"is_active": False}, {"burn_alerts": False}])
def test_switched_off_it_ends_its_alerts(change):
    each = make.objective()
    burning(each)
    look(NOW)
    objectives.edit(each, change, actor=SYSTEM, now=NOW + MINUTE)
    look(NOW + MINUTE)
    assert firing() == []
    assert set(Alert.objects.values_list("status", flat=True)) == {"resolved"}
    looked_at = ObjectiveBurn.objects.filter(next_at__isnull=False).exists()
    assert looked_at is ("is_active" not in change)


def test_switched_on_again_it_is_looked_at_again():
    each = make.objective()
    off = objectives.edit(each, {"is_active": False}, actor=SYSTEM, now=NOW)
    look(NOW)
    objectives.edit(off, {"is_active": True}, actor=SYSTEM, now=NOW + HOUR)
    assert look(NOW + HOUR) == 4


def test_all_come_through_one_door():
    for _ in range(2):
        burning(make.objective())
    look(NOW)
    door = Integration.objects.get()
    assert (door.name, door.source) == (burn.DOOR, "generic")
    assert RawDelivery.objects.count() == 2 * len(RUNGS)


def test_rungs_come_due_at_their_own_pace():
    make.objective()
    look(NOW)
    due = dict(ObjectiveBurn.objects.values_list("rung", "next_at"))
    assert due == {"1h": NOW + MINUTE, "6h": NOW + MINUTE, "1d": NOW + 5 * MINUTE, "3d": NOW + 5 * MINUTE}
