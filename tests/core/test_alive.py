"""A process is alive for as long as its lock is held, whatever ends it."""

import os

import psycopg
import pytest
from django.db import OperationalError, connection

from core import alive

pytestmark = pytest.mark.django_db(transaction=True)


def gone(number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(alive.LIVING)
        return number not in {n for (n,) in cursor.fetchall()}


@pytest.fixture(autouse=True)
def ended():
    alive.let_go()
    yield
    alive.let_go()


def test_a_number_stands_for_one_life():
    mine = alive.number()
    assert alive.number() == mine
    assert not gone(mine)
    alive.let_go()
    assert gone(mine)
    assert alive.number() != mine


def test_what_was_never_alive_is_gone():
    assert gone(1)


def test_a_broken_connection_is_made_anew_under_the_same_number():
    mine = alive.number()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s",
            [mine],
        )
    assert alive.number() == mine
    assert not gone(mine)


def test_a_process_that_is_killed_is_gone_and_its_child_has_a_life_of_its_own():
    mine = alive.number()
    reads, writes = os.pipe()
    if (child := os.fork()) == 0:
        os.write(writes, str(alive.number()).encode())
        os.close(writes)
        os.kill(os.getpid(), 9)
    os.close(writes)
    with os.fdopen(reads) as words:
        other = int(words.read())
    os.waitpid(child, 0)
    assert other != mine
    assert gone(other)
    assert not gone(mine)


def test_a_database_that_is_away_is_said_so(monkeypatch):
    def refuse(**_):
        raise psycopg.OperationalError("connection refused")

    monkeypatch.setattr(psycopg, "connect", refuse)
    with pytest.raises(OperationalError, match="refused"):
        alive.number()
