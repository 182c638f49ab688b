"""Above its rate an integration's alerts are counted together. Nothing is dropped."""

import json
from datetime import timedelta

import pytest

from monitoring.domain.housekeeping import expire_minutes, expire_storms
from monitoring.domain.intake import tick
from monitoring.models import AlertChange, AlertOccurrence, IntakeMinute, RawDelivery, ServiceStorm
from monitoring.queries.storms import intake_figures, loads
from tests import make as people
from tests.make import NOW
from tests.monitoring import make

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def door():
    made = make.integration("generic")
    made.rate = 10
    made.save()
    return made


def post(*ids: str, **fields) -> bytes:
    return json.dumps({"alerts": [{"id": name, **fields} for name in ids]}).encode()


def test_the_eleventh_alert_of_a_minute_coalesces(door):
    make.take(door, *[post("a")] * 25)

    alert = make.alert()
    assert (alert.count, alert.coalesced, alert.status) == (25, 15, "firing")
    assert make.changes() == ["fired"]
    assert list(AlertOccurrence.objects.filter(minute=None).values_list("count", flat=True)) == [1] * 10
    together = AlertOccurrence.objects.get(minute=NOW)
    assert (together.count, together.at, together.status) == (15, NOW + timedelta(seconds=24), "firing")
    assert together.delivery_id == RawDelivery.objects.order_by("-pk").first().pk
    assert set(RawDelivery.objects.values_list("state", flat=True)) == {"done"}


def test_a_state_that_turns_in_a_storm_is_right_and_leaves_its_transitions(door):
    make.take(door, *[post("noise")] * 11, post("a"), post("a", status="resolved"), post("a"))

    assert make.alert(identity="a").status == "firing"
    turned = AlertChange.objects.filter(alert__identity="a").order_by("pk")
    assert list(turned.values_list("kind", "coalesced")) == [
        ("fired", True),
        ("resolved", True),
        ("refired", True),
    ]
    assert AlertOccurrence.objects.get(alert_id=make.alert(identity="a").pk).count == 3


def test_the_same_alert_twice_in_one_post_is_two_readings(door):
    make.take(door, post(*["noise"] * 11), post("a", "a", "a"))

    assert AlertOccurrence.objects.get(alert_id=make.alert(identity="a").pk).count == 3


def test_a_storm_goes_on_over_the_full_minute_and_ends_after_a_calm_one(door):
    make.take(door, post(*["a"] * 12))
    make.take(door, post("b"), at=NOW + MINUTE)
    make.take(door, post("c"), at=NOW + 2 * MINUTE)

    assert [make.alert(identity=name).coalesced for name in "abc"] == [2, 1, 0]


def test_minutes_are_counted_by_service(door):
    people.service(slug="ranking-api")
    ranking = people.service(slug="fraud-scoring")

    make.take(door, post("a", "b", service="fraud-scoring"), post("c"), post(*["d"] * 9))

    rows = IntakeMinute.objects.order_by("service_id").values_list(
        "service_id", "alerts", "coalesced", "fresh"
    )
    assert list(rows) == [(0, 10, 2, 0), (ranking.pk, 2, 0, 0)]


def test_one_in_a_storm_leaves_another_s_alerts_alone(door):
    calm = make.integration("generic")
    make.take(door, post(*["a"] * 50))
    make.take(calm, post("a"))

    assert make.alert(integration=calm).coalesced == 0


def test_a_replayed_post_is_no_storm_of_today(door):
    make.take(door, b"nonsense", post(*["a"] * 12))
    RawDelivery.objects.filter(state="parked").update(state="received", replays=1, body=post("late"))

    tick(NOW + MINUTE)

    assert make.alert(identity="late").coalesced == 0


def test_the_load_of_an_integration(door):
    make.take(door, post(*["a"] * 12), post(*["b"] * 3))
    calm = make.integration("generic")

    found = loads([door, calm], NOW + timedelta(seconds=30))

    busy = found[door.pk]
    assert (busy.minute, busy.hour, busy.peak, busy.coalesced, busy.since) == (15, 15, 15, 5, NOW)
    assert (found[calm.pk].minute, found[calm.pk].is_storm) == (0, False)
    figures = intake_figures(NOW)
    assert [integration.pk for integration, _ in figures.integrations] == [door.pk, calm.pk]
    assert figures.services_in_storm == 0


def test_counts_and_storms_that_ended_expire(door):
    make.take(door, post(*["a"] * 12))
    service = people.service()
    ServiceStorm.objects.create(
        service=service, began_at=NOW, told_at=NOW, next_at=NOW, ended_at=NOW + MINUTE
    )

    assert (expire_minutes(NOW + timedelta(days=3)), expire_storms(NOW + timedelta(days=3))) == (1, 0)
    assert IntakeMinute.objects.count() == 0
    assert expire_storms(NOW + timedelta(days=31)) == 1
    assert ServiceStorm.objects.count() == 0
