"""Redis emptied and gone, PostgreSQL cut off and killed, a mail server that says nothing."""

import signal
import time
import urllib.request

import pytest
import redis

from config.beat import ENOUGH
from tests.faults import books
from tests.faults.stack import Stack
from tests.faults.test_kill import under_way
from tests.patience import until

pytestmark = [pytest.mark.process, pytest.mark.timeout(900)]

AWAY = 60.0


def test_an_emptied_redis_loses_and_doubles_nothing(stack: Stack, traffic):
    with traffic() as sent:
        under_way(sent)
        books.make_due(stack)
        for _ in range(3):
            stack.redis().flushall()
            books.resumes(stack)
        under_way(sent)
    books.check(stack, sent)


def pong(stack: Stack) -> bool:
    try:
        return bool(stack.redis().ping())
    except redis.RedisError:
        return False


def test_without_redis_alerts_are_taken_and_people_are_called_all_the_same(stack: Stack, traffic):
    with traffic() as sent:
        under_way(sent)
        # Nobody starts Redis again while the supervisor is frozen: as if it were a Redis of the operator's.
        stack.run.process.send_signal(signal.SIGSTOP)
        try:
            stack.process("redis").kill()
            until(lambda: not pong(stack), "Redis is gone")
            gone = time.monotonic()
            until(lambda: books.make_due(stack) > 0, "a timer that is due")
            books.resumes(stack)
            before = sent.count()
            until(lambda: time.monotonic() - gone > AWAY, "a while without Redis", AWAY * 2)
            books.resumes(stack)
            assert sent.count() > before
            with urllib.request.urlopen(f"http://127.0.0.1:{stack.port}/sign-in", timeout=15) as page:
                assert page.status == 200
        finally:
            stack.run.process.send_signal(signal.SIGCONT)
        until(lambda: pong(stack), "Redis answers again")
        workers_take_from_their_queues_again(stack)
        books.resumes(stack)
        under_way(sent)
    books.check(stack, sent)
    assert set(sent.refused) == set(), "every post was answered 202 at once"


def workers_take_from_their_queues_again(stack: Stack) -> None:
    """Rings that are sent now are heard: Celery has found Redis again, both workers have, and wait at their queues."""
    client = stack.redis()
    books.within_seconds(
        lambda: sum(each["cmd"] == "brpop" for each in client.client_list()) >= len(ENOUGH),
        "both workers wait for rings",
    )
    for queue in ("engine", "delivery"):
        with_bell, half = f"mainstay:{queue}", ENOUGH[queue] / 2
        books.within_seconds(lambda name=with_bell, most=half: client.llen(name) < most, f"{queue} is worked")


@pytest.mark.parametrize("number", [signal.SIGQUIT, signal.SIGKILL], ids=["immediate-shutdown", "kill-9"])
def test_a_database_that_was_cut_off_loses_and_doubles_nothing(stack: Stack, traffic, number: int):
    with traffic() as sent:
        under_way(sent)
        books.make_due(stack)
        dead = stack.process("postgres")

        dead.send_signal(number)
        until(lambda: stack.find("postgres") != dead, "PostgreSQL is gone")
        until(lambda: stack.answers("SELECT true"), "PostgreSQL answers again")

        books.resumes(stack)
        under_way(sent)
    books.check(stack, sent)


def test_a_mail_server_that_says_nothing_holds_up_nothing_else(stack: Stack, traffic):
    with traffic() as sent:
        under_way(sent)
        stack.sink.release.clear()
        stack.sink.silent = True
        try:
            hung = stack.sink.connections
            until(lambda: stack.sink.connections > hung, "a mail hangs")
            since = stack.now()
            under_way(sent, 20)
            books.resumes(stack, but=("messages",))
            called = """SELECT count(*), count(*) FILTER (WHERE state <> 'sent') FROM notifications_message
                WHERE channel = 'in_app' AND created_at > %s AND created_at < clock_timestamp() - interval '5 s'"""
            until(lambda: stack.rows(called, since)[0][0] > 0, "somebody was called five seconds ago")
            assert stack.rows(called, since)[0][1] == 0
        finally:
            stack.sink.silent = False
            stack.sink.release.set()
        under_way(sent)
    books.check(stack, sent)
