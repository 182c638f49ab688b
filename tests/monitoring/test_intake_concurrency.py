"""Five workers are as good as one."""

import json
from threading import Barrier

import pytest
from django.db import transaction

from monitoring.domain.fold import Reading, fold
from monitoring.domain.intake import tick
from monitoring.domain.routing import Route
from monitoring.domain.standings import RacedError, insert_standings, lock_standings, update_standings
from monitoring.models import Alert, AlertOccurrence, IntakeMinute, Integration, RawDelivery
from monitoring.types import Signal
from tests.make import NOW
from tests.monitoring import make
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 5


def test_five_workers_count_every_reading_and_speak_once():
    door = make.integration()
    for _ in range(40):
        make.arrive(door, "alertmanager/firing")

    def drain(n):
        while tick(NOW):
            pass

    together(drain, WORKERS)

    assert set(RawDelivery.objects.values_list("state", flat=True)) == {"done"}
    assert list(Alert.objects.values_list("count", flat=True)) == [40, 40]
    assert AlertOccurrence.objects.count() == 80
    assert make.changes() == ["fired", "fired"]


def test_five_workers_in_a_storm_count_each_alert_once():
    door = make.integration("generic")
    Integration.objects.update(rate=10)
    for n in range(60):
        body = json.dumps({"alerts": [{"id": "same"}, {"id": f"new-{n}"}]}).encode()
        make.arrive(door, body)

    def drain(n):
        while tick(NOW):
            pass

    together(drain, WORKERS)

    counted = IntakeMinute.objects.get()
    assert counted.alerts == 120
    # what workers let through one by one before they saw each other is the rate and a post each at most
    assert 120 - 10 - 2 * WORKERS <= counted.coalesced <= 110
    assert Alert.objects.get(identity="same").count == 60
    assert sum(Alert.objects.values_list("coalesced", flat=True)) == counted.coalesced
    assert sum(AlertOccurrence.objects.values_list("count", flat=True)) == 120
    assert AlertOccurrence.objects.filter(minute=None).count() == 120 - counted.coalesced


def test_of_two_transactions_that_meet_a_new_alert_one_starts_over():
    door = make.integration("generic")
    reading = Reading(Signal("a", "firing", "A"), Route(), NOW, NOW)
    looked = Barrier(WORKERS, timeout=30)

    def meet(n):
        try:
            with transaction.atomic():
                looked.wait()
                known = lock_standings(door.pk, ["a"])
                if known:
                    pk, before = known["a"]
                    update_standings({pk: fold(before, reading)})
                else:
                    insert_standings(door.pk, {"a": fold(None, reading)}, {"a": NOW})
        except RacedError:
            return "again"
        return "counted"

    outcomes = together(meet, WORKERS)

    assert "counted" in outcomes
    assert Alert.objects.get().count == outcomes.count("counted")
