"""Rings may be lost, but losing them costs nobody time."""

import threading

import pytest
import redis

from core import nudge


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
