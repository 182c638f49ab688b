"""Many senders tell of the same new alert in the same moment.

Where each request looks whether the alert exists and inserts it if not, a hundred at once make several
alerts, lose counts, or answer some senders with an error, who then send again and make it worse.
"""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import httpx
import pytest
from django.db import connection

from core import clock
from monitoring.domain.intake import tick
from monitoring.domain.integrations import intake_url
from monitoring.models import Alert, AlertChange, AlertOccurrence, RawDelivery
from tests.monitoring import make
from tests.monitoring.payloads import data

pytestmark = pytest.mark.django_db(transaction=True)
POSTS, WORKERS = 100, 3


def one_alert() -> dict:
    body = data("alertmanager/firing")
    return {**body, "alerts": body["alerts"][:1]}


def work_until(stop: Event) -> None:
    """An engine: ticks until nothing waits and nobody sends any more."""
    try:
        while True:
            over = stop.is_set()
            if not tick(clock.now()) and over:
                return
    finally:
        connection.close()


def send_all(url: str, body: dict) -> list[int]:
    """Every post on a thread and a connection of its own, all let go at once."""
    ready = Barrier(POSTS, timeout=60)

    def send(_: int) -> int:
        with httpx.Client(timeout=60, trust_env=False) as client:
            ready.wait()
            return client.post(url, json=body).status_code

    with ThreadPoolExecutor(POSTS) as senders:
        return list(senders.map(send, range(POSTS)))


def test_a_hundred_posts_at_once_are_one_alert_counted_a_hundred_times(live_server):
    door = make.integration("alertmanager")
    url = live_server.url + "/" + intake_url(door).split("/", 3)[3]
    sent = Event()

    with ThreadPoolExecutor(WORKERS) as engines:
        working = [engines.submit(work_until, sent) for _ in range(WORKERS)]
        try:
            answers = send_all(url, one_alert())
        finally:
            sent.set()
        for worker in working:
            worker.result(timeout=120)
    while tick(clock.now()):
        pass

    assert set(answers) == {202}
    assert RawDelivery.objects.filter(state="done").count() == POSTS
    assert list(Alert.objects.values_list("count", "status")) == [(POSTS, "firing")]
    assert list(AlertChange.objects.values_list("kind", flat=True)) == ["fired"]
    assert sum(AlertOccurrence.objects.values_list("count", flat=True)) == POSTS
