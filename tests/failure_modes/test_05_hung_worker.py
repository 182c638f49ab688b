"""5. One instance hung while it held a lock that all others waited for: every engine everywhere stood still.

What holds here: nobody waits for a row that another works on. The others go on with the rest; what the hung one
holds is done once it is gone (PostgreSQL ends its transaction after a minute of silence).
"""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from incidents.domain.locks import try_service
from incidents.models import Incident
from monitoring.models import Alert, AlertOccurrence, RawDelivery
from tests import make
from tests.failure_modes.engines_for_tests import CASES, Case
from tests.monitoring import make as monitoring_make

pytestmark = pytest.mark.django_db(transaction=True)
HELD = [(case, held) for case in CASES for held in case.rows]


@pytest.fixture(autouse=True)
def _quiet(settings, email):
    settings.MAINSTAY_NUDGES = False


def another_worker(case: Case) -> None:
    try:
        case.drain()
    finally:
        connection.close()


@pytest.mark.parametrize(("case", "held"), HELD, ids=str)
def test_the_others_go_on(case: Case, held: str):
    stuck, *others = case.arrange(3)
    before = case.done(stuck)
    row = case.rows[held](stuck)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        type(row).objects.select_for_update(no_key=True).get(pk=row.pk)
        pool.submit(another_worker, case).result(timeout=25)
        assert [case.done(other) for other in others] == [case.once] * 2
        assert case.done(stuck) == before
    case.drain()
    assert case.done(stuck) == case.once


POSTS, CHANGES = CASES[0], CASES[1]


def reading(identity: str) -> bytes:
    return json.dumps({"id": identity, "title": f"Alert {identity}", "status": "firing"}).encode()


def read(delivery_id: int) -> int:
    return AlertOccurrence.objects.filter(delivery_id=delivery_id).count()


def test_an_alert_in_other_hands_holds_up_neither_its_sender_nor_others():
    door, other_door = monitoring_make.integration("generic"), monitoring_make.integration("generic")
    monitoring_make.take(door, reading("held"))
    again = monitoring_make.arrive(door, reading("held"))
    behind = monitoring_make.arrive(door, reading("behind"))
    elsewhere = monitoring_make.arrive(other_door, reading("elsewhere"))
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Alert.objects.select_for_update().get(identity="held")
        pool.submit(another_worker, POSTS).result(timeout=25)
        assert (read(again), read(behind), read(elsewhere)) == (0, 1, 1)
        assert RawDelivery.objects.get(pk=again).state == "received"
    POSTS.drain()
    assert read(again) == 1
    assert Alert.objects.get(identity="held").count == 2


def test_an_incident_in_other_hands_holds_up_no_other_services_alerts():
    held, other = make.service(), make.service()
    first = make.alert(held)
    CHANGES.drain()
    incident = Incident.objects.get()
    joins, opens = make.alert(held).changes.get(), make.alert(other).changes.get()
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
        pool.submit(another_worker, CHANGES).result(timeout=25)
        opens.refresh_from_db()
        joins.refresh_from_db()
        assert (opens.handled_at, joins.handled_at) == (CHANGES.at, None)
    CHANGES.drain()
    assert [link.alert_id for link in incident.alert_links.order_by("pk")] == [first.pk, joins.alert_id]


def test_a_service_in_other_hands_holds_up_no_other():
    held, other = make.alert(make.service()).changes.get(), make.alert(make.service()).changes.get()
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        assert try_service(held.alert.service_id)
        pool.submit(another_worker, CHANGES).result(timeout=25)
        assert (CHANGES.done(other), CHANGES.done(held)) == ((1, 1), (0, 0))
    CHANGES.drain()
    assert CHANGES.done(held) == (1, 1)
