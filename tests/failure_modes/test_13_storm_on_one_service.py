"""A storm on one service makes everybody else wait.

Where the queue is worked oldest first, or a row or a lock of the service is held while its alerts queue up
behind it, one alert of a quiet service is reached only after thousands of the noisy one. Counted in ticks,
not in seconds: a tick is bounded work.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest
from django.db import connection, transaction

from core.copying import copy_in
from incidents.domain import intake
from incidents.domain.locks import try_service
from incidents.models import Incident
from monitoring.domain.intake import BATCH
from monitoring.domain.intake import tick as fold
from monitoring.models import Alert, AlertChange, RawDelivery
from tests import make
from tests.make import NOW
from tests.monitoring.make import arrive, integration

WAITING = 20_000


def ticks_until(tick, done) -> int:
    """How many ticks until it is done; the test fails at ten."""
    for count in range(1, 11):
        tick(NOW)
        if done():
            return count
    raise AssertionError("not within ten ticks")


def flood_of_posts(door) -> None:
    post = (door.pk, NOW, NOW, "received", b'{"id": "noise"}')
    copy_in(RawDelivery, ["integration_id", "received_at", "expires_at", "state", "body"], [post] * WAITING)


@pytest.mark.django_db
def test_one_post_behind_twenty_thousand_is_an_incident_within_a_tick_of_each_engine():
    noisy, quiet = make.service(slug="noisy"), make.service(slug="quiet")
    flood_of_posts(integration("generic", service=noisy))
    arrive(integration("generic", service=quiet), b'{"id": "a", "title": "Scores late"}')

    folds = ticks_until(fold, lambda: Alert.objects.filter(service=quiet).exists())
    opens = ticks_until(intake.tick, lambda: Incident.objects.filter(service=quiet).exists())

    assert (folds, opens) == (1, 1)
    assert RawDelivery.objects.filter(state="received").count() == WAITING + 1 - BATCH


@pytest.mark.django_db
def test_one_transition_behind_thousands_of_another_service_is_handled_in_one_tick():
    noisy, quiet = make.service(), make.service()
    flapping = make.alert(noisy)
    AlertChange.objects.bulk_create(
        AlertChange(alert=flapping, kind=kind, at=NOW, event_at=NOW, lane=noisy.pk)
        for _ in range(2_500)
        for kind in ("resolved", "refired")
    )
    make.alert(quiet)

    assert ticks_until(intake.tick, lambda: Incident.objects.filter(service=quiet).exists()) == 1


@contextmanager
def a_worker_that_hangs_on(service_id: int):
    """Another connection that has the service to itself and doesn't let go."""
    held, let_go = Event(), Event()

    def hang() -> None:
        try:
            with transaction.atomic():
                assert try_service(service_id)
                held.set()
                assert let_go.wait(timeout=60)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(hang)
        try:
            assert held.wait(timeout=30)
            yield
        finally:
            let_go.set()
        hanging.result(timeout=30)


@pytest.mark.django_db(transaction=True)
def test_a_service_that_somebody_works_on_is_left_for_the_next_tick_and_nobody_waits():
    busy, free = make.service(), make.service()
    make.alert(busy)
    make.alert(free)

    with a_worker_that_hangs_on(busy.pk):
        assert intake.tick(NOW) == 1
        assert list(Incident.objects.values_list("service_id", flat=True)) == [free.pk]

    assert intake.tick(NOW) == 1
    assert Incident.objects.filter(service=busy).exists()


@pytest.mark.django_db
def test_a_service_that_fails_does_not_stop_the_others(monkeypatch):
    broken, sound = make.service(), make.service()
    make.alert(broken, title="broken")
    make.alert(sound)
    opening = intake.joining.fired

    def fail(change, service, now):
        if service.pk == broken.pk:
            raise ZeroDivisionError
        opening(change, service, now)

    monkeypatch.setattr(intake.joining, "fired", fail)

    with pytest.raises(ZeroDivisionError):
        intake.tick(NOW)

    assert list(Incident.objects.values_list("service_id", flat=True)) == [sound.pk]
    assert AlertChange.objects.get(handled_at=None).alert.title == "broken"
