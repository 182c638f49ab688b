"""An alert that fires while a person ends its incident: it must not join what nobody looks at any more."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from core.types import person
from incidents.domain import intake, lifecycle, locks
from incidents.models import Incident
from tests import make
from tests.make import NOW
from tests.patience import until

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _patient(settings, monkeypatch):
    """A worker that waits for the person however busy the machine is."""
    settings.MAINSTAY_NUDGES = False
    monkeypatch.setattr(locks, "IMPATIENT", "set_config('lock_timeout', '120s', true)")


def resolve(incident: Incident) -> None:
    lifecycle.resolve(incident, actor=person(make.user()), now=NOW + MINUTE)


def cancel(incident: Incident) -> None:
    lifecycle.cancel(incident, actor=person(make.user("lead")), now=NOW + MINUTE, reason="a test")


def tick() -> None:
    try:
        intake.tick(NOW + 2 * MINUTE)
    finally:
        connection.close()


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            " WHERE NOT l.granted AND a.datname = current_database()"
        )
        return bool(cursor.fetchone()[0])


def tick_while(end, incident: Incident) -> None:
    """A worker's tick that begins while the person's transaction holds the incident."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            end(incident)
            ticked = pool.submit(tick)
            until(lambda: ticked.done() or somebody_waits(), "the worker met the incident", step=0.02)
        ticked.result(timeout=120)


def fired_again(service):
    alert = make.alert(service)
    intake.tick(NOW)
    make.change(alert, "refired", at=NOW + MINUTE)
    return alert


def another_fired(service):
    make.alert(service)
    intake.tick(NOW)
    return make.alert(service, at=NOW + MINUTE)


def one_of_a_storm_fired(service):
    first = make.alert(service)
    first.changes.update(coalesced=True)
    intake.tick(NOW)
    again = make.alert(service, at=NOW + MINUTE)
    again.changes.update(coalesced=True)
    return again


def one_has_been_blind(service):
    make.alert(service, severity="critical")
    intake.tick(NOW)
    blind = make.alert(service, severity="critical", at=NOW + MINUTE)
    make.change(blind, "no_data", at=NOW + MINUTE)
    blind.changes.update(handled_at=NOW)
    blind.blind_due_at = NOW + MINUTE
    blind.save(update_fields=["blind_due_at"])
    return blind


@pytest.mark.parametrize(
    ("happens", "end"),
    [
        (fired_again, resolve),
        (another_fired, cancel),
        (one_of_a_storm_fired, resolve),
        (one_has_been_blind, cancel),
    ],
)
def test_it_opens_a_new_incident(happens, end):
    service = make.service(auto_resolve=False)
    alert = happens(service)
    ended = Incident.objects.get()

    tick_while(end, ended)

    assert Incident.objects.exclude(pk=ended.pk).get().state == "new"
    assert Incident.objects.exclude(pk=ended.pk).get().alert_links.get().alert_id == alert.pk
    ended.refresh_from_db()
    assert ended.state in {"resolved", "cancelled"}


def test_what_resolves_meanwhile_ends_it_no_second_time():
    alert = make.alert(make.service(auto_resolve=True))
    intake.tick(NOW)
    make.change(alert, "resolved", at=NOW + MINUTE)
    ended = Incident.objects.get()

    tick_while(cancel, ended)

    assert not alert.changes.filter(handled_at=None).exists()
    assert Incident.objects.get().resolution != "self_healed"
