"""Where commands find the servers, and what they say when there are none."""

import os
import time

import psycopg
import pytest

from config.supervisor.__main__ import port_number
from config.supervisor.errors import AlreadyRunningError, SupervisorError
from config.supervisor.processes import back_off
from config.supervisor.ready import Address
from config.supervisor.specs import StaticFiles
from config.supervisor.state import Lock, is_running, running_servers, write_servers
from config.supervisor.urls import database_url, leads_nowhere, public_url, redis_url


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    return folder


@pytest.fixture
def env(tmp_path, monkeypatch):
    monkeypatch.setattr("config.supervisor.urls.home_dir", lambda _env: tmp_path)
    return {"MAINSTAY_HOME": str(tmp_path)}


def test_a_given_url_wins(env):
    given = {**env, "DATABASE_URL": "postgresql://db/x", "REDIS_URL": "redis://r/1"}
    assert (database_url(given), redis_url(given)) == ("postgresql://db/x", "redis://r/1")


def test_the_running_servers_are_found(env, run):
    lock = Lock(run)
    lock.acquire()
    write_servers(run, {"DATABASE_URL": "postgresql://here/x", "REDIS_URL": "redis://here/0"})
    assert (database_url(env), redis_url(env)) == ("postgresql://here/x", "redis://here/0")
    assert (run / "servers.json").stat().st_mode & 0o777 == 0o600
    lock.release()


def test_what_a_killed_run_left_behind_is_not_believed(env, run):
    write_servers(run, {"DATABASE_URL": "postgresql://gone/x"})
    assert running_servers(run) == {}
    assert leads_nowhere(database_url(env))
    assert leads_nowhere(redis_url(env))


def test_a_second_terminal_knows_where_the_portal_is_reached(env, run):
    lock = Lock(run)
    lock.acquire()
    lock.say(url="http://127.0.0.1:8137", public="")
    assert public_url(env) == "http://127.0.0.1:8137"
    lock.say(url="http://127.0.0.1:8137", public="https://mainstay.example/")
    assert public_url(env) == "https://mainstay.example"
    assert public_url({**env, "PORT": "9000"}) == "http://127.0.0.1:9000"
    assert public_url({**env, "MAINSTAY_PUBLIC_URL": "https://other.example/"}) == "https://other.example"
    lock.release()
    assert public_url(env) == "http://127.0.0.1:8000"
    assert public_url({**env, "HOST": "0.0.0.0"}) == "http://127.0.0.1:8000"


def test_connecting_where_nothing_runs_says_what_to_do(env):
    with pytest.raises(psycopg.OperationalError, match="The embedded PostgreSQL is not running") as caught:
        psycopg.connect(database_url(env))
    assert "Start it with `make run` or set DATABASE_URL." in str(caught.value)


def test_the_lock_is_held_by_one_and_freed_by_release(run):
    first, second = Lock(run), Lock(run)
    first.acquire()
    first.say(url="http://127.0.0.1:8000")
    assert is_running(run)
    with pytest.raises(AlreadyRunningError, match=f"at http://127.0.0.1:8000 .process {os.getpid()}"):
        second.acquire()
    first.release()
    assert not is_running(run)
    second.acquire()
    second.release()


def test_a_holder_that_is_stopping_is_waited_for_no_longer_than_patience(run):
    first, second = Lock(run), Lock(run)
    first.acquire()
    first.say(stopping=True)
    begun = time.monotonic()
    with pytest.raises(AlreadyRunningError):
        second.acquire(patience=0.2)
    assert time.monotonic() - begun >= 0.2
    first.release()


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("portal.internal", "http://portal.internal:8000"),
    ],
)
def test_the_address_that_is_printed_can_be_opened(host, url):
    assert Address(host, 8000).url == url


@pytest.mark.parametrize("text", ["", "0", "65536", "http", "-1", "8e3"])
def test_a_port_that_is_none_is_refused_by_name(text):
    with pytest.raises(SupervisorError, match="PORT must be a number from 1 to 65535"):
        port_number(text)


def test_the_first_death_is_answered_at_once_and_later_ones_wait_longer():
    assert [back_off(n) for n in (1, 2, 3, 4, 5, 6, 7, 8, 100)] == [0, 1, 2, 4, 8, 16, 30, 30, 30]


def test_static_files_are_collected_again_only_after_a_change(tmp_path, monkeypatch):
    code, home = tmp_path / "code", tmp_path / "home"
    monkeypatch.setattr("config.supervisor.specs.BASE_DIR", code)
    (code / "core" / "static").mkdir(parents=True)
    (home / "run").mkdir(parents=True)
    (home / "static").mkdir()
    statics = StaticFiles(home)
    assert statics.stale()
    statics.remember()
    assert not statics.stale()
    (code / "core" / "static" / "new.css").write_text("a { color: red }")
    assert statics.stale()
