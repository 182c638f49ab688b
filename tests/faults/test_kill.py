"""`kill -9` and stops, while alerts come in; and a process whose clock is five minutes ahead, then behind.

A clock changes nothing, as all time is the database's. Where no libfaketime is installed (Debian's `faketime`) a killed
process comes back with the right one.
"""

import signal
import time
from pathlib import Path

import pytest

from tests.faults import books
from tests.faults.stack import Stack, libfaketime
from tests.faults.traffic import Traffic
from tests.patience import until

pytestmark = [pytest.mark.process, pytest.mark.timeout(900)]


# Through the library that gives it another clock, a process asks for the time at forty times the cost: from then on it gets
# half the traffic, and no more patience.
SLOWER = 0.8


def under_way(sent: Traffic, more: int = 12) -> None:
    """Wait until so many more posts have been acknowledged."""
    goal = sent.count() + more
    until(lambda: sent.count() >= goal, lambda: f"{sent.count()} of {goal} posts, refused: {sent.refused}")


@pytest.mark.parametrize("role", ["web", "worker", "courier", "beat"])
def test_a_killed_process_loses_and_doubles_nothing_whatever_clock_it_comes_back_with(
    stack: Stack, traffic, role: str
):
    clock = stack.clocks / role
    began = stack.now()
    try:
        with traffic() as sent:
            under_way(sent)
            dead = stack.process(role)
            ready = stack.readiness(role)
            set_clock(clock, "+5m")
            sent.pause = SLOWER

            dead.kill()
            books.make_due(stack)
            until(ready, f"{role} answers again")

            books.resumes(stack)
            under_way(sent)
            if libfaketime() is not None:
                assert "libfaketime" in Path(f"/proc/{stack.process(role).pid}/maps").read_text()
                for offset in ("-5m", "+5m"):
                    set_clock(clock, offset)
                    books.make_due(stack)
                    under_way(sent)
                    books.resumes(stack)
        books.check(stack, sent)
        books.no_time_lies_outside(stack, began, stack.now())
        assert stack.process(role).pid != dead.pid
        if libfaketime() is None:
            pytest.skip(
                "killed, and well; with its own clock only, as no libfaketime is there: apt-get install faketime"
            )
    finally:
        clock.unlink(missing_ok=True)
        start_again(stack, role)


def set_clock(clock: Path, offset: str) -> None:
    """A running process with a clock of its own (libfaketime) reads it anew each time it asks."""
    new = clock.with_suffix(".new")
    new.write_text(f"{offset}\n")
    new.replace(clock)


def start_again(stack: Stack, role: str) -> None:
    ready = stack.readiness(role)
    stack.process(role).kill()
    until(ready, f"{role} answers again")


@pytest.mark.parametrize("role", ["web", "worker"])
def test_a_killed_helper_of_a_process_loses_and_doubles_nothing(stack: Stack, traffic, role: str):
    with traffic() as sent:
        under_way(sent)
        parent = stack.process(role)
        helpers = stack.helpers(role)
        dead = helpers[0]

        def replaced() -> bool:
            found = stack.helpers(role)
            return dead not in found and len(found) == len(helpers)

        dead.kill()
        books.make_due(stack)
        until(replaced, f"{role} has its helpers again")

        books.resumes(stack)
        under_way(sent)
    books.check(stack, sent)
    assert stack.process(role).pid == parent.pid


def test_after_a_killed_supervisor_the_next_start_goes_on(stack: Stack, traffic):
    with traffic() as sent:
        under_way(sent)

        stack.run.process.kill()
        stack.run.process.wait(10)
        stack.start()

        books.resumes(stack)
        under_way(sent)
    books.check(stack, sent)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_stop_in_mid_traffic_takes_ten_seconds_and_leaves_nothing(stack: Stack, traffic, number: int):
    with traffic() as sent:
        under_way(sent)

        begun = time.monotonic()
        stack.run.process.send_signal(number)
        code = stack.run.ends()
        took = time.monotonic() - begun

        left = [process.name() for process in stack.run.members()]
        stack.start()
        under_way(sent)
    assert (code, left) == (0, [])
    assert took < 10
    # What was answered 202 before, during and after the stop is there.
    books.check(stack, sent)
