"""A release is rolled out and for some minutes two versions of an engine run beside one another.

GoAlert keeps a version in a row and stops a module whose version is behind. Without it, an old worker walks
rows that a new one has written in a form it doesn't know: steps are called twice, or the run fails until the
last old worker is gone. And a lock between the two could stand still with whoever holds it.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction

from core import clock, engine_versions, engines
from core.models import EngineTick
from rotas.domain import escalation
from rotas.tasks import ESCALATION
from tests import make
from tests.make import NOW
from tests.rotas.make import Cases, called, policy

pytestmark = pytest.mark.django_db
OLD = ESCALATION
NEW = replace(ESCALATION, version=OLD.version + 1)
LAST_RELEASE = "INSERT INTO core_enginetick (name, started_at, finished_at, worked, error) VALUES (%s, {now}, {now}, 0, '')"


@pytest.fixture(autouse=True)
def one_process(monkeypatch):
    """Nothing was said yet, and the connection of the test's own transaction stays open."""
    monkeypatch.setattr(engine_versions, "_said", {})
    monkeypatch.setattr(engines, "close_old_connections", lambda: None)


def counting(rounds=1):
    """A tick with work for so many rounds, and the list of what it did."""
    done = []

    def tick(now):
        done.append(now)
        return 1 if len(done) < rounds else 0

    return tick, done


def beat():
    return EngineTick.objects.get(name=ESCALATION.name)


def ran(engine, rounds=1):
    tick, done = counting(rounds)
    engines.run(engine, tick)
    return len(done)


def test_an_older_process_neither_ticks_nor_beats():
    assert ran(NEW) == 1
    before = beat()
    assert ran(OLD) == 0
    after = beat()
    assert (after.version, after.finished_at, after.error) == (NEW.version, before.finished_at, "")


def test_a_newer_process_takes_the_work_from_an_older_one_that_runs():
    assert [ran(OLD), ran(NEW), ran(OLD), ran(NEW)] == [1, 1, 0, 1]
    assert beat().version == NEW.version


def test_an_older_process_in_the_midst_of_a_backlog_yields_between_two_rounds():
    done = []

    def tick(now):
        done.append(now)
        if len(done) == 3:
            ran(NEW)
        return 1

    assert engines.run(OLD, tick) == 3
    assert (len(done), beat().version, beat().worked) == (3, NEW.version, 0)


def test_an_error_of_an_older_process_is_not_put_down_as_the_newer_one_s():
    def fails(now):
        ran(NEW)
        raise RuntimeError("cannot read this")

    with pytest.raises(RuntimeError):
        engines.run(OLD, fails)
    assert (beat().version, beat().error) == (NEW.version, "")


def test_a_call_that_is_due_is_made_once_by_the_newer_one(cases: Cases):
    amina = make.user(name="Amina")
    run = escalation.start("case", cases.new(), policy(amina), now=NOW)
    ran(NEW)
    engines.run(OLD, escalation.tick)
    assert called(run) == []
    engines.run(NEW, escalation.tick)
    engines.run(OLD, escalation.tick)
    assert called(run) == [(1, 1, "called", "Amina")]


def test_where_the_newer_one_was_rolled_back_the_older_takes_over_after_five_minutes():
    ran(NEW)
    silent = clock.now() - engine_versions.SILENCE
    EngineTick.objects.update(finished_at=silent + timedelta(seconds=30))
    assert ran(OLD) == 0
    EngineTick.objects.update(finished_at=silent)
    assert ran(OLD) == 1
    assert beat().version == OLD.version


def test_yielding_is_said_once_a_minute_not_with_every_tick(caplog, monkeypatch):
    ran(NEW)
    at = [1000.0]
    monkeypatch.setattr(engine_versions, "monotonic", lambda: at[0])
    with caplog.at_level(logging.WARNING, "core.engine_versions"):
        for at[0] in (1000.0, 1001.0, 1059.9, 1060.0, 1061.0):
            ran(OLD)
    assert (
        caplog.messages
        == [f"engine escalation: this process has version {OLD.version} and yields to version {NEW.version}"]
        * 2
    )


def test_a_process_of_the_release_that_knew_no_versions_can_still_beat():
    with connection.cursor() as cursor:
        cursor.execute(LAST_RELEASE.format(now="clock_timestamp()"), [ESCALATION.name])
    assert beat().version == 1
    assert ran(NEW) == 1


def test_an_older_process_says_so_on_its_readiness_page_and_stays_ready_for_it(client):
    for engine in engines.ENGINES.values():
        ran(engine)
    EngineTick.objects.filter(name=OLD.name).update(version=NEW.version)
    answer = client.get("/readyz").json()
    assert (answer["checks"]["engines"], answer["yields"]) == ("ok", ["escalation"])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("engine", [OLD, NEW])
def test_a_process_that_hangs_with_the_row_in_hand_holds_nobody_up(engine):
    ran(OLD)
    before = beat()

    def elsewhere():
        try:
            return ran(engine)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        EngineTick.objects.select_for_update().get(name=OLD.name)
        assert pool.submit(elsewhere).result(timeout=20) == 1
    assert beat().finished_at == before.finished_at
    assert ran(engine) == 1
    assert (beat().version, beat().finished_at > before.finished_at) == (engine.version, True)
