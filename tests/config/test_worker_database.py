"""Connections of a worker: kept between tasks, thrown away where they are another process's."""

from types import SimpleNamespace

import pytest
from celery import Celery
from django.db import connections

from config.celery import app
from config.worker_database import Fixup, KeepingFixup

SENDER = SimpleNamespace(request=SimpleNamespace(is_eager=False))


@pytest.fixture
def hand():
    return KeepingFixup(Celery("test", fixups=[], set_as_current=False))


@pytest.fixture
def closed(monkeypatch):
    """What is closed instead of the connection and the pool of this very test."""
    found, kind = [], type(connections["default"])
    monkeypatch.setattr(kind, "close", lambda self: found.append("connection"))
    monkeypatch.setattr(kind, "close_pool", lambda self: found.append("pool"))
    monkeypatch.setattr(KeepingFixup, "_maybe_close_db_fd", lambda self, each: None)
    return found


def test_the_portals_workers_keep_them():
    (hand,) = app._fixups
    assert isinstance(hand, Fixup)
    assert isinstance(hand.worker_fixup, KeepingFixup)


def test_a_task_gives_its_connection_back_and_leaves_the_pool_open(hand, closed):
    hand.on_task_prerun(SENDER)
    assert closed == []
    hand.on_task_postrun(SENDER)
    assert closed == ["connection"]


def test_a_task_within_somebody_elses_work_closes_nothing(hand, closed):
    hand.on_task_postrun(SimpleNamespace(request=SimpleNamespace(is_eager=True)))
    assert closed == []


def test_a_process_throws_away_what_it_inherits(hand, closed, settings, monkeypatch):
    hand.worker = SimpleNamespace(pool_cls="celery.concurrency.prefork:TaskPool")
    monkeypatch.setitem(settings.DATABASES["default"], "OPTIONS", {"pool": True})
    hand.on_worker_process_init()
    assert closed == ["connection", "pool"]
