"""`make run`, seen from outside: real servers, real signals, real deaths."""

import os
import pwd
import shutil
import signal
import socket
import sys
import time

import psycopg
import pytest
import redis

from config.supervisor.home import find_home
from config.supervisor.kernel import living, poll_until
from config.supervisor.ports import free_port
from config.supervisor.state import running_servers

pytestmark = [pytest.mark.process, pytest.mark.timeout(170)]


def answers(home) -> bool:
    """Both servers that the home speaks of answer."""
    urls = running_servers(home / "run")
    try:
        with psycopg.connect(urls["DATABASE_URL"], connect_timeout=2) as link:
            link.execute("SELECT 1")
        with redis.Redis.from_url(urls["REDIS_URL"], socket_timeout=2) as client:
            return bool(client.ping())
    except (KeyError, psycopg.Error, redis.RedisError):
        return False


def ordinary_user() -> pwd.struct_passwd | None:
    """Somebody who is not root to run as; None when we are not root ourselves."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_starts_says_so_and_stops_within_ten_seconds_without_orphans(start, number):
    run = start().until_ready()
    assert run.hears("a link")
    assert answers(run.home)
    assert len(run.members()) >= 5  # web, worker and its pool, PostgreSQL, Redis

    begun = time.monotonic()
    run.process.send_signal(number)

    assert run.ends() == 0
    assert time.monotonic() - begun < 10
    assert run.members() == []
    assert running_servers(run.home / "run") == {}


def test_a_stop_is_heard_while_the_last_words_are_being_prepared(start):
    run = start(STUB_SLOW_CLOSING="1").until_ready()

    begun = time.monotonic()
    run.process.terminate()

    assert run.ends() == 0
    assert time.monotonic() - begun < 10


def test_an_ordinary_user_can_run_it(start, place):
    user = ordinary_user()
    if user is None:
        pytest.skip("we are an ordinary user: every other test shows it")
    run = start(user=user).until_ready()
    assert {process.uids().real for process in run.members()} == {user.pw_uid}
    run.process.terminate()
    assert run.ends() == 0
    assert run.members() == []


def test_as_root_the_servers_belong_to_an_unprivileged_user(start):
    if os.geteuid() != 0:
        pytest.skip("needs root")
    run = start().until_ready()
    assert run.member("postgres", "-D").uids().real != 0
    assert run.member("redis-server").uids().real != 0
    assert (run.home / "pg").stat().st_mode & 0o777 == 0o700


def test_what_lies_in_the_database_is_there_after_a_restart(start):
    first = start().until_ready()
    with psycopg.connect(running_servers(first.home / "run")["DATABASE_URL"]) as link:
        link.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    first.process.terminate()
    assert first.ends() == 0

    second = start(home=first.home).until_ready()

    with psycopg.connect(running_servers(second.home / "run")["DATABASE_URL"]) as link:
        assert link.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_second_run_on_the_same_home_says_so_and_exits(start):
    first = start().until_ready()

    second = start(home=first.home)

    assert second.ends() == 3
    assert second.hears("Mainstay already runs on this home")
    assert f"http://127.0.0.1:{first.port}" in second.text
    assert answers(first.home)


def test_two_homes_run_side_by_side(start, place):
    one, two = start(home=place / "one"), start(home=place / "two")
    one.until_ready()
    two.until_ready()
    urls = [running_servers(run.home / "run") for run in (one, two)]
    assert urls[0]["REDIS_URL"] != urls[1]["REDIS_URL"]
    assert urls[0]["DATABASE_URL"] != urls[1]["DATABASE_URL"]

    one.process.terminate()
    assert one.ends() == 0

    assert answers(two.home)


def test_the_next_start_cleans_up_after_a_killed_supervisor(start):
    first = start().until_ready()
    first.process.kill()
    first.process.wait(5)

    second = start(home=first.home, port=first.port).until_ready()

    assert answers(second.home)
    assert second.names().count("redis-server") == 1
    second.process.terminate()
    assert second.ends() == 0
    assert second.members() == []


def test_a_frozen_leftover_of_a_killed_supervisor_is_ended_too(start):
    first = start().until_ready()
    frozen = [first.member("postgres", "-D"), first.member("stub", "pool")]
    for process in frozen:
        process.suspend()  # it cannot act on the kernel's word that its parent died
    first.process.kill()
    first.process.wait(5)

    second = start(home=first.home, port=first.port).until_ready()

    assert living(frozen) == []
    assert answers(second.home)


def test_a_stranger_with_the_number_in_a_stale_pid_file_is_left_alone(start):
    first = start().until_ready()
    first.process.terminate()
    assert first.ends() == 0
    # As after a power cut: the pid file stands, and its number is now somebody else's (ours).
    stale = first.home / "pg" / "18" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{stale.parent}\n1\n5432\n{first.home / 'run' / 'pg'}\n\n0 0\nready\n")

    second = start(home=first.home).until_ready()

    assert answers(second.home)


def test_a_child_that_dies_is_started_again_and_said_so(start):
    run = start().until_ready()
    before = run.member("stub", "worker")
    orphan = run.member("stub", "pool")

    before.kill()

    assert run.hears("worker ended with -9, started again (1)")
    assert run.member("stub", "worker").pid != before.pid
    assert poll_until(lambda: living([orphan]) == [], 5)


@pytest.mark.parametrize("words", [("postgres", "-D"), ("redis-server",)], ids=["PostgreSQL", "Redis"])
def test_a_server_that_dies_comes_back_at_the_same_address(start, request, words):
    run = start().until_ready()
    before = running_servers(run.home / "run")

    run.member(*words).kill()

    assert run.hears(f"{request.node.callspec.id} ended with -9, started again")
    assert running_servers(run.home / "run") == before
    assert answers(run.home)


def test_a_port_in_use_is_named_before_anything_starts(start):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        run = start(port=port)

        assert run.ends() == 4
    assert run.hears(f"Port {port} on 127.0.0.1 is in use")
    assert f"PORT={port + 1} make run" in run.text
    assert run.members() == []
    assert not (run.home / "pg" / "18").exists()


def test_a_given_database_is_used_and_only_redis_is_embedded(start, place):
    first = start(home=place / "one").until_ready()
    url = running_servers(first.home / "run")["DATABASE_URL"]

    second = start(home=place / "two", DATABASE_URL=url).until_ready()

    assert set(running_servers(second.home / "run")) == {"REDIS_URL"}
    assert not (second.home / "pg" / "18").exists()


def test_a_home_too_deep_for_a_socket_uses_the_loopback(start, place):
    run = start(home=place / ("deep" * 15) / ("deeper" * 10)).until_ready()
    assert "@127.0.0.1:" in running_servers(run.home / "run")["DATABASE_URL"]
    assert answers(run.home)


def test_no_folder_outside_the_home_changes_mode(start, place):
    parent = place / "parent"
    parent.mkdir()
    parent.chmod(0o751)
    run = start(home=parent / "home").until_ready()
    assert [folder.stat().st_mode & 0o777 for folder in (parent, place)] == [0o751, 0o777]
    assert answers(run.home)


def test_a_home_that_the_servers_cannot_reach_moves_and_says_so(start, place):
    if os.geteuid() != 0:
        pytest.skip("needs root")
    shut = place / "shut"
    shut.mkdir()
    shut.chmod(0o700)
    expected = find_home({"MAINSTAY_HOME": str(shut / "home")})
    try:
        run = start(home=shut / "home").until_ready()
        run.home = expected.path
        assert run.hears(f"The home is not {shut / 'home'}: PostgreSQL runs as {expected.user_name}")
        assert answers(expected.path)
        assert shut.stat().st_mode & 0o777 == 0o700
        run.process.terminate()
        assert run.ends() == 0
        assert run.members() == []
    finally:
        shutil.rmtree(expected.path, ignore_errors=True)


def test_when_make_is_killed_the_supervisor_stops_by_itself(start):
    port = free_port()
    make = "import subprocess, sys; subprocess.run(sys.argv[1:])"
    recipe = (sys.executable, "-m", "tests.supervisor.stub", str(port), "--end-with-parent")
    run = start(port=port, argv=(sys.executable, "-c", make, *recipe)).until_ready()

    run.process.kill()

    assert poll_until(lambda: run.members() == [], 10)
