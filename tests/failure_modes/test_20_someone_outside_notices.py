"""Failure mode 20: an engine dies, and nobody notices because the one who would say so is the one who died.

The heartbeat leaves only while every engine is well. A real server on the loopback plays the watcher outside.
"""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client as Browser

from core import clock, engines, heartbeat, meter
from core.models import EngineTick
from core.tasks import HEARTBEAT
from incidents.models import Clock
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


class Outside(ThreadingHTTPServer):
    """Counts the beats that arrive; answers with `status`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Listener)
        self.beats: list[str] = []
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/ping/a-secret"


class Listener(BaseHTTPRequestHandler):
    server: Outside

    def do_POST(self) -> None:
        self.server.beats.append(self.path)
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def outside(settings) -> Iterator[Outside]:
    server = Outside()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    settings.MAINSTAY_HEARTBEAT_URL = server.url
    settings.MAINSTAY_HEARTBEAT_SECONDS = 60
    meter.forget()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def engines_tick(now: datetime, *, besides: str = "") -> None:
    """Every engine has just ticked, but the one that is dead."""
    for name in set(engines.ENGINES) - {besides}:
        EngineTick.objects.update_or_create(
            name=name, defaults={"started_at": now, "finished_at": now, "worked": 0, "error": ""}
        )


def beat(now: datetime) -> None:
    """What the courier does every two seconds."""
    while heartbeat.tick(now):
        pass


def test_a_beat_leaves_every_period_and_not_more_often(outside):
    for second in range(0, 121, 10):
        engines_tick(NOW + second * SECOND)
        beat(NOW + second * SECOND)

    assert outside.beats == ["/ping/a-secret"] * 3


def test_beats_stop_when_an_engine_stops_and_resume_when_it_recovers(outside, caplog):
    engines_tick(NOW)
    beat(NOW)
    assert len(outside.beats) == 1

    for second in range(60, 300, 10):
        engines_tick(NOW + second * SECOND, besides="clocks")
        beat(NOW + second * SECOND)
    assert len(outside.beats) == 1
    assert heartbeat.heartbeat(NOW + 5 * MINUTE).trouble == (
        "Withheld, because an engine is late: SLA clocks."
    )
    assert [record.getMessage() for record in caplog.records if record.name == "core.heartbeat"] == [
        "the heartbeat is withheld: Withheld, because an engine is late: SLA clocks."
    ]

    engines_tick(NOW + 5 * MINUTE)
    beat(NOW + 5 * MINUTE)
    assert len(outside.beats) == 2
    assert heartbeat.heartbeat(NOW + 5 * MINUTE).trouble == ""


def test_beats_stop_when_an_engine_ticks_but_leaves_its_rows(outside):
    incident = make.incident(now=NOW)
    Clock.objects.filter(incident=incident).update(next_at=NOW)
    later = NOW + 301 * SECOND
    engines_tick(later)

    beat(later)

    assert outside.beats == []
    assert "SLA clocks" in heartbeat.heartbeat(later).trouble


def test_beats_stop_when_the_database_takes_no_writes(outside):
    engines_tick(NOW)
    beat(NOW)
    engines_tick(NOW + MINUTE)

    with pytest.raises(DatabaseError), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        heartbeat.tick(NOW + MINUTE)

    assert len(outside.beats) == 1


def test_a_watcher_that_fails_is_tried_again_soon_and_named_without_its_secret(outside):
    outside.status = 500
    engines_tick(NOW)
    beat(NOW)
    assert heartbeat.heartbeat(NOW).trouble == "127.0.0.1 answered 500."

    outside.status = 200
    beat(NOW + 9 * SECOND)
    beat(NOW + 10 * SECOND)

    assert len(outside.beats) == 2
    assert heartbeat.heartbeat(NOW + 10 * SECOND).left_at == NOW + 10 * SECOND


def test_a_watcher_that_is_gone_holds_nothing_up(outside, settings):
    settings.MAINSTAY_HEARTBEAT_URL = "http://127.0.0.1:1/ping"
    engines_tick(NOW)

    beat(NOW)

    assert heartbeat.heartbeat(NOW).trouble != ""
    assert heartbeat.heartbeat(NOW).left_at is None


def test_two_workers_send_one_beat(outside):
    engines_tick(NOW)

    assert heartbeat.tick(NOW) == 1
    assert heartbeat.tick(NOW + SECOND) == 0

    assert len(outside.beats) == 1


def test_without_an_address_nothing_leaves_and_nothing_is_amiss(settings, monkeypatch):
    monkeypatch.setattr(engines, "close_old_connections", lambda: None)
    settings.MAINSTAY_HEARTBEAT_URL = ""

    assert engines.run(HEARTBEAT, heartbeat.tick) == 0

    assert not EngineTick.objects.filter(name=heartbeat.SENT).exists()
    assert EngineTick.objects.get(name="heartbeat").error == ""


def test_the_room_and_the_figures_say_that_the_beat_cannot_leave(outside, settings):
    now = clock.now()
    settings.MAINSTAY_HEARTBEAT_URL = "http://127.0.0.1:1/ping"
    engines_tick(now)
    beat(now)
    browser = Browser()
    browser.force_login(make.user())

    page = browser.get("/").content.decode()
    figures = browser.get("/metrics").content.decode()

    assert "The heartbeat does not reach 127.0.0.1." in page
    assert "mainstay_heartbeat_trouble 1.0" in figures
    assert "mainstay_heartbeat_age_seconds -1.0" in figures
