"""Beat rings by elapsed time, with rings that don't expire and don't pile up."""

import json
from base64 import b64decode
from datetime import timedelta

import pytest
from django.conf import settings

from config import beat
from config.celery import app

ENGINES = {"intake", "incidents", "clocks", "escalation", "delivery"}
ESCALATE = "rotas.tasks.escalate"


@pytest.fixture
def time(monkeypatch):
    """Seconds this machine has been up."""
    at = [5_000.0]
    monkeypatch.setattr(beat, "monotonic", lambda: at[0])
    return at


@pytest.fixture
def bell(time):
    made = beat.Bell(app=app)
    yield made
    made.close()


def ring(bell, time, seconds):
    """Let so many seconds pass in steps of a tenth, beat looking as often as it likes."""
    for _ in range(round(seconds * 10)):
        time[0] += 0.1
        while bell.tick() == 0:
            pass


def key(queue):
    return settings.MAINSTAY_REDIS_PREFIX + queue


def rings(redis_client, queue="engine"):
    return [json.loads(raw) for raw in redis_client.lrange(key(queue), 0, -1)]


def tasks(redis_client, queue="engine"):
    return [message["headers"]["task"] for message in rings(redis_client, queue)]


def test_every_engine_is_rung_once_a_second(bell, time, redis_client):
    ring(bell, time, 10.2)
    rung = tasks(redis_client) + tasks(redis_client, "delivery")
    engines = {name: rung.count(entry.task) for name, entry in bell.schedule.items() if name in ENGINES}
    assert engines == dict.fromkeys(ENGINES, 10)


@pytest.mark.parametrize("minutes", [-5, 5])
def test_the_machine_s_own_hour_may_jump(bell, time, redis_client, monkeypatch, minutes):
    ring(bell, time, 3.05)
    assert tasks(redis_client).count(ESCALATE) == 3
    wrong = app.now() + timedelta(minutes=minutes)
    monkeypatch.setattr(type(app), "now", lambda self: wrong)
    ring(bell, time, 3)
    assert tasks(redis_client).count(ESCALATE) == 6


def test_a_ring_never_expires(bell, time, redis_client):
    ring(bell, time, 1.1)
    heads = [message["headers"] for message in rings(redis_client)]
    assert {(head["expires"], head["eta"]) for head in heads} == {(None, None)}
    assert json.loads(b64decode(rings(redis_client)[0]["body"]))[:2] == [[], {}]


def test_while_no_worker_is_there_rings_do_not_pile_up(bell, time, redis_client, monkeypatch, caplog):
    monkeypatch.setattr(beat, "ENOUGH", 6)
    ring(bell, time, 20)
    assert (len(rings(redis_client)), len(rings(redis_client, "delivery"))) == (6, 6)
    assert sorted(record.args[0] for record in caplog.records) == ["delivery", "engine"]
    redis_client.delete(key("engine"))
    ring(bell, time, 1.1)
    assert {"incidents.tasks.clocks", ESCALATE} <= set(tasks(redis_client))
