"""Rings may be lost, but losing them costs nobody time."""

import threading
from types import SimpleNamespace

import pytest
import redis

from config.celery import app
from core import engines, nudge
from rotas.domain import leave_calendars


class Silent:
    """A Redis that does not answer; counts how often it was asked."""

    asked = 0

    def set(self, *_: object, **__: object) -> None:
        self.asked += 1
        raise redis.TimeoutError("says nothing")

    def delete(self, *_: object) -> None:
        self.asked += 1
        raise redis.TimeoutError("says nothing")


@pytest.fixture
def silent(monkeypatch, settings) -> Silent:
    settings.MAINSTAY_NUDGES = True
    found = Silent()
    monkeypatch.setattr(nudge, "redis_client", lambda: found)
    monkeypatch.setattr(nudge, "_rest_until", 0.0)
    return found


def test_a_redis_that_says_nothing_costs_one_wait_and_not_one_a_ring(silent):
    for _ in range(5):
        nudge.send("rotas.tasks.escalate")
        nudge.heard("rotas.tasks.escalate")
    assert silent.asked == 1


def test_it_is_asked_again_after_a_moment(silent, monkeypatch):
    nudge.send("rotas.tasks.escalate")
    monkeypatch.setattr(nudge, "_rest_until", nudge._rest_until - nudge._REST)
    nudge.send("rotas.tasks.escalate")
    assert silent.asked == 2


def test_rings_of_one_engine_within_a_moment_are_one_message(redis_client, settings, monkeypatch):
    monkeypatch.setattr(nudge, "_rest_until", 0.0)
    settings.MAINSTAY_NUDGES = True
    queue = f"{settings.MAINSTAY_REDIS_PREFIX}engine"
    for _ in range(3):
        nudge.send("rotas.tasks.escalate")
    assert redis_client.llen(queue) == 1
    nudge.heard("rotas.tasks.escalate")
    nudge.send("rotas.tasks.escalate")
    assert redis_client.llen(queue) == 2


def test_rings_that_are_asked_for_one_after_the_other_are_few_and_none_is_forgotten(monkeypatch, settings):
    settings.MAINSTAY_NUDGES = True
    rung, heard = [], threading.Event()

    def ring(task):
        rung.append(task)
        heard.set()

    monkeypatch.setattr(nudge, "send", ring)
    for _ in range(1_000):
        nudge.soon("some.bell")
    assert heard.wait(timeout=30)
    heard.clear()
    asked = len(rung)
    nudge.soon("some.bell")

    assert heard.wait(timeout=30)
    assert asked < 1_000
    assert set(rung) == {"some.bell"}


def test_where_ring_follows_ring_the_gap_grows_to_a_tenth_of_a_second(monkeypatch):
    class EndError(Exception):
        pass

    ours, gaps, asked_meanwhile = threading.current_thread(), [], [True] * 8 + [False, True]
    bell = nudge._Bell.__new__(nudge._Bell)
    bell.task, bell._asked = "some.bell", threading.Event()

    def sleep(seconds):
        if threading.current_thread() is not ours:
            return
        gaps.append(seconds)
        if not asked_meanwhile:
            raise EndError
        bell._asked.clear()
        if asked_meanwhile.pop(0):
            bell.ring()
        else:
            monkeypatch.setattr(bell._asked, "wait", bell.ring)

    monkeypatch.setattr(nudge, "send", lambda task: None)
    monkeypatch.setattr(nudge, "time", SimpleNamespace(sleep=sleep, monotonic=nudge.time.monotonic))
    bell.ring()
    with pytest.raises(EndError):
        bell._run()

    assert gaps[0] == nudge._GAP
    assert gaps[:9] == sorted(gaps[:9])
    assert gaps[8] == nudge._LONGEST_GAP
    # it was quiet for a gap: whoever asks next is rung for at once, and waits little afterwards
    assert gaps[9] == nudge._GAP


def test_a_ring_that_could_not_be_sent_leaves_the_way_free_for_the_next(redis_client, settings, monkeypatch):
    def away(*_args, **_options):
        raise OSError("away")

    with monkeypatch.context() as patch:
        patch.setattr(nudge.current_app, "send_task", away)
        with pytest.raises(OSError, match="away"):
            nudge.ring("rotas.tasks.escalate")
    nudge.ring("rotas.tasks.escalate")
    assert redis_client.llen(f"{settings.MAINSTAY_REDIS_PREFIX}engine") == 1


def test_a_worker_that_is_rung_has_heard_it_even_while_its_own_rings_rest(redis_client, monkeypatch):
    keys = [nudge._key("rotas.tasks.escalate", by) for by in ("", nudge.BEAT)]
    for name in keys:
        redis_client.set(name, b"1", px=60_000)
    monkeypatch.setattr(nudge, "_rest_until", nudge.time.monotonic() + 600)

    nudge.heard("rotas.tasks.escalate")
    assert redis_client.exists(*keys) == 2
    monkeypatch.setattr(nudge, "_by_worker", lambda: True)
    nudge.heard("rotas.tasks.escalate")
    assert redis_client.exists(*keys) == 0


@pytest.mark.django_db
def test_every_doorbell_that_is_nudged_hears(redis_client, monkeypatch):
    monkeypatch.setattr(nudge, "_rest_until", 0.0)
    monkeypatch.setattr(engines, "close_old_connections", lambda: None)
    nudged = [*(engine.task for engine in engines.ENGINES.values()), leave_calendars.DOORBELL]
    for task in nudged:
        redis_client.set(nudge._key(task), b"1", px=60_000)
        app.tasks[task]()
        assert not redis_client.exists(nudge._key(task)), task
