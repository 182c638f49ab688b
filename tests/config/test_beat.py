"""Beat rings by elapsed time, with rings that don't expire and don't pile up, and works where it rings in vain."""

import json
import threading
from base64 import b64decode
from datetime import timedelta

import pytest
from django.conf import settings

from config import beat, elapsed
from config.broker import PersistentConnection
from config.celery import app
from core import nudge
from tests.away import away_redis

ENGINES = {"intake", "incidents", "clocks", "escalation", "delivery"}
# Seconds after which Redis forgets a ring that was not heard.
FORGOTTEN = nudge._TTL_MS / 1_000 - 0.01
ESCALATE, DELIVER = "rotas.tasks.escalate", "notifications.tasks.deliver"


@pytest.fixture
def time(monkeypatch):
    """Seconds this machine has been up."""
    at = [5_000.0]
    monkeypatch.setattr(elapsed, "monotonic", lambda: at[0])
    return at


class Bell(beat.Bell):
    """Remembers what it would have done itself."""

    def __init__(self, **options):
        self.worked = []
        super().__init__(**options)

    def work(self, task):
        self.worked.append(task)


@pytest.fixture
def bell(time):
    made = Bell(app=app)
    yield made
    made.close()


@pytest.fixture
def patient(monkeypatch):
    """A queue may hold what a whole test rings."""
    monkeypatch.setattr(beat, "ENOUGH", dict.fromkeys(beat.ENOUGH, 1_000))


def ring(bell, time, seconds, *, heard=True):
    """Let so many seconds pass in steps of a tenth, beat looking as often as it likes. Rings stay in the queue to be looked at, but
    count as heard at once; else, as where no worker is, each is remembered for as long as Redis does."""
    rung = {}
    for _ in range(round(seconds * 10)):
        time[0] += 0.1
        for name in redis_keys():
            if heard or time[0] - rung.setdefault(name, time[0]) >= FORGOTTEN:
                nudge.redis_client().delete(name)
                rung.pop(name, None)
        look(bell)


def look(bell):
    while bell.tick() == 0:
        pass


def redis_keys():
    return nudge.redis_client().keys(nudge._key("*"))


def key(queue):
    return settings.MAINSTAY_REDIS_PREFIX + queue


def rings(redis_client, queue="engine"):
    return [json.loads(raw) for raw in redis_client.lrange(key(queue), 0, -1)]


def tasks(redis_client, queue="engine"):
    return [message["headers"]["task"] for message in rings(redis_client, queue)]


# Those that people wait for by the second; the others once a second.
TWICE = {"clocks", "escalation"}


def rung_in(seconds):
    return {name: seconds * (2 if name in TWICE else 1) for name in ENGINES}


def test_every_engine_is_rung_once_a_second_or_twice(bell, time, redis_client, patient):
    ring(bell, time, 10.2)
    rung = tasks(redis_client) + tasks(redis_client, "delivery")
    engines = {name: rung.count(entry.task) for name, entry in bell.schedule.items() if name in ENGINES}
    assert engines == rung_in(10)


def test_beat_sleeps_until_it_is_time(bell, time, redis_client, patient):
    asked, end = 0, time[0] + 10
    while time[0] < end and asked < 1_000:
        time[0] += max(bell.tick(), 0.0)
        for name in redis_keys():
            redis_client.delete(name)
        asked += 1
    rung = len(tasks(redis_client) + tasks(redis_client, "delivery"))
    assert rung >= 70
    assert asked <= 2 * rung


@pytest.mark.parametrize("minutes", [-5, 5])
def test_the_machine_s_own_hour_may_jump(bell, time, redis_client, monkeypatch, patient, minutes):
    ring(bell, time, 3.05)
    assert tasks(redis_client).count(ESCALATE) == 6
    wrong = app.now() + timedelta(minutes=minutes)
    monkeypatch.setattr(type(app), "now", lambda self: wrong)
    ring(bell, time, 3)
    assert tasks(redis_client).count(ESCALATE) == 12


def test_a_ring_never_expires(bell, time, redis_client):
    ring(bell, time, 1.1)
    heads = [message["headers"] for message in rings(redis_client)]
    assert {(head["expires"], head["eta"]) for head in heads} == {(None, None)}
    assert json.loads(b64decode(rings(redis_client)[0]["body"]))[:2] == [[], {}]


def test_while_no_worker_is_there_rings_do_not_pile_up(bell, time, redis_client, monkeypatch, caplog):
    monkeypatch.setattr(beat, "ENOUGH", dict.fromkeys(beat.ENOUGH, 6))
    ring(bell, time, 20, heard=False)
    assert (len(rings(redis_client)), len(rings(redis_client, "delivery"))) == (6, 6)
    assert sorted(record.args[0] for record in caplog.records) == ["delivery", "engine"]
    redis_client.delete(key("engine"))
    ring(bell, time, 1.1)
    assert {"incidents.tasks.clocks", ESCALATE} <= set(tasks(redis_client))


@pytest.fixture
def remembered(monkeypatch):
    """Redis remembers a ring for longer than any test takes."""
    monkeypatch.setattr(nudge, "_TTL_MS", 600_000)


def test_an_engine_that_has_not_come_to_its_last_ring_is_not_rung_again(bell, time, redis_client, remembered):
    ring(bell, time, 1.05)
    look(bell)
    rung = len(tasks(redis_client))
    for _ in range(5):
        time[0] += 0.1
        look(bell)
    assert (len(tasks(redis_client)), bell.worked) == (rung, [])
    nudge.ring(ESCALATE, by=nudge.BEAT)
    assert len(tasks(redis_client)) == rung
    redis_client.delete(nudge._key(ESCALATE, nudge.BEAT))
    time[0] += 0.5
    look(bell)
    assert len(tasks(redis_client)) == rung + 1


def test_a_nudge_that_was_lost_keeps_no_ring_of_beat_back(bell, time, redis_client, remembered):
    redis_client.set(nudge._key(ESCALATE), b"1")
    time[0] += 0.55
    look(bell)
    assert ESCALATE in tasks(redis_client)


def test_without_workers_beat_works_within_seven_seconds(bell, time, redis_client, remembered):
    ring(bell, time, 7, heard=False)
    assert {"incidents.tasks.clocks", ESCALATE} <= set(bell.worked)
    assert len(rings(redis_client)) == beat.ENOUGH["engine"]


def test_rings_that_are_heard_leave_beat_nothing_to_do(bell, time, redis_client):
    for _ in range(20):
        ring(bell, time, 0.5)
        redis_client.delete(key("engine"), key("delivery"))
    assert bell.worked == []


def test_where_nobody_takes_from_a_queue_beat_works_until_there_is_room(bell, time, redis_client):
    redis_client.rpush(key("delivery"), *[b"ring"] * beat.ENOUGH["delivery"])
    ring(bell, time, 1.1)
    assert bell.worked == [DELIVER]

    redis_client.ltrim(
        key("delivery"), 0, beat.ENOUGH["delivery"] // 2
    )  # one is taken now and then, nobody keeps up
    ring(bell, time, 1)
    assert bell.worked.count(DELIVER) == 2

    redis_client.delete(key("delivery"))
    ring(bell, time, 1)
    assert bell.worked.count(DELIVER) == 2
    assert DELIVER in tasks(redis_client, "delivery")


def test_without_redis_beat_works_and_says_so_once(bell, time, monkeypatch, caplog):
    monkeypatch.setattr(beat, "redis_client", away_redis)
    ring(bell, time, 3.05)
    engines = {
        name: bell.worked.count(entry.task) for name, entry in bell.schedule.items() if name in ENGINES
    }
    assert engines == rung_in(3)
    assert sorted(record.args for record in caplog.records) == [
        ("delivery", "rings are not heard, beat works"),
        ("engine", "rings are not heard, beat works"),
    ]


def test_one_engine_is_worked_by_one_thread_at_a_time(monkeypatch):
    class Endless:
        def __init__(self, **options):
            self.start = lambda: started.append(options["name"])
            self.is_alive = lambda: True

    started = []
    monkeypatch.setattr(beat.threading, "Thread", Endless)
    bell = beat.Bell(app=app)
    for _ in range(2):
        for task in ("clocks", "deliver"):
            bell.work(task)
    assert started == ["clocks", "deliver"]


def test_a_lost_broker_is_asked_for_every_second_and_never_given_up(monkeypatch):
    monkeypatch.setattr("kombu.utils.functional.sleep", lambda _seconds: None)
    pauses = []

    def note(_error, pause):
        pauses.append(pause)
        if len(pauses) == 150:
            raise StopIteration

    with app.connection_for_read("redis://127.0.0.1:1/0") as link:
        assert isinstance(link, PersistentConnection)
        with pytest.raises(StopIteration):
            link.ensure_connection(note, app.conf.broker_connection_max_retries)
    assert pauses == [0.5, *[1.0] * 149]


def test_a_helper_that_hangs_for_minutes_gets_one_successor(time, monkeypatch):
    gate, started = threading.Event(), []
    monkeypatch.setattr(beat.time, "monotonic", lambda: time[0])
    bell = beat.Bell(app=app)

    def hang(task):
        started.append(task)
        gate.wait(60)

    monkeypatch.setattr(bell, "_run", hang)
    try:
        for seconds in (0, 100, 81, 1, 300):
            time[0] += seconds
            bell.work(ESCALATE)
        threads = [thread for _, thread in bell._threads[ESCALATE]]
    finally:
        gate.set()
        bell.close()
    for thread in threads:
        thread.join(60)

    assert started == [ESCALATE, ESCALATE]
