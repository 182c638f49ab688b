"""A process is alive for as long as its lock is held, whatever ends it."""

import os

import psycopg
import pytest
from django.db import OperationalError, connection

from core import alive
from tests.lives import end_ours, lives
from tests.patience import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def ended():
    alive.let_go()
    yield
    alive.let_go()


def test_a_number_stands_for_one_life():
    mine = alive.number()
    assert alive.number() == mine
    assert lives(mine)
    assert end_ours() == mine
    assert alive.number() != mine


def test_what_was_never_alive_is_gone():
    assert not lives(1)


def test_a_broken_connection_is_made_anew_under_the_same_number():
    mine = alive.number()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s",
            [mine],
        )
    assert alive.number() == mine
    assert lives(mine)


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
    until(lambda: not lives(other), "its lock is given back")
    assert lives(mine)


def test_a_database_that_is_away_is_said_so(monkeypatch):
    def refuse(**_):
        raise psycopg.OperationalError("connection refused")

    monkeypatch.setattr(psycopg, "connect", refuse)
    with pytest.raises(OperationalError, match="refused"):
        alive.number()
