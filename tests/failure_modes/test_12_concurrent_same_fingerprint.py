"""Many senders tell of the same new alert in the same moment.

Where each request looks whether the alert exists and inserts it if not, a hundred at once make several
alerts, lose counts, or answer some senders with an error, who then send again and make it worse.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from threading import Barrier, BoundedSemaphore, Event
from typing import Any

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connection
from django.test.testcases import LiveServerThread, _StaticFilesHandler

from core import clock
from monitoring.domain.intake import tick
from monitoring.domain.integrations import intake_url
from monitoring.models import Alert, AlertChange, AlertOccurrence, RawDelivery
from tests.monitoring import make
from tests.monitoring.payloads import data

pytestmark = pytest.mark.django_db(transaction=True)
POSTS, WORKERS = 100, 3


class Server(ThreadedWSGIServer):
    """A web server like the real one: a hundred may knock at once, eight are served at a time."""

    request_queue_size = 256
    threads = BoundedSemaphore(8)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        with self.threads:
            super().process_request_thread(request, client_address)


class Serving(LiveServerThread):
    server_class = Server


@pytest.fixture
def server() -> Iterator[int]:
    serving = Serving("127.0.0.1", _StaticFilesHandler)
    serving.start()
    serving.is_ready.wait()
    assert serving.error is None
    yield serving.port
    serving.terminate()


def one_alert() -> bytes:
    body = data("alertmanager/firing")
    return json.dumps({**body, "alerts": body["alerts"][:1]}).encode()


def work_until(stop: Event) -> None:
    """An engine: ticks until nothing waits and nobody sends any more."""
    try:
        while True:
            over = stop.is_set()
            if not tick(clock.now()) and over:
                return
    finally:
        connection.close()


def send_all(port: int, path: str, body: bytes) -> list[int]:
    """Every post on a thread and a connection of its own, all let go at once."""
    ready = Barrier(POSTS, timeout=150)

    def send(_: int) -> int:
        sender = HTTPConnection("127.0.0.1", port, timeout=150)
        ready.wait()
        try:
            sender.request("POST", path, body, {"Content-Type": "application/json"})
            return sender.getresponse().status
        finally:
            sender.close()

    with ThreadPoolExecutor(POSTS) as senders:
        return list(senders.map(send, range(POSTS)))


def test_a_hundred_posts_at_once_are_one_alert_counted_a_hundred_times(server):
    door = make.integration("alertmanager")
    path = "/" + intake_url(door).split("/", 3)[3]
    sent = Event()

    with ThreadPoolExecutor(WORKERS) as engines:
        working = [engines.submit(work_until, sent) for _ in range(WORKERS)]
        try:
            answers = send_all(server, path, one_alert())
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
