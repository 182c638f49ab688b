"""One process lives five minutes ahead, then five behind: nothing changes, as all time is the database's."""

import contextlib
from pathlib import Path

import pytest

from tests.faults import books
from tests.faults.stack import Stack, libfaketime
from tests.faults.test_kill import under_way
from tests.patience import until

# Through the library that gives it another clock, a process asks for the time at forty times the cost: it gets half the
# traffic, and no more patience.
SLOWER = 0.8

pytestmark = [pytest.mark.process, pytest.mark.timeout(900)]


@pytest.mark.skipif(libfaketime() is None, reason="no libfaketime found; apt-get install faketime")
@pytest.mark.parametrize("role", ["web", "worker", "courier", "beat"])
def test_a_wrong_clock_changes_nothing(stack: Stack, traffic, role: str):
    clock = stack.clocks / role
    began = stack.now()
    try:
        with traffic(pause=SLOWER) as sent:
            set_clock(clock, "+5m")
            start_again(stack, role)
            assert "libfaketime" in Path(f"/proc/{stack.process(role).pid}/maps").read_text()
            for offset in ("+5m", "-5m", "+5m"):
                set_clock(clock, offset)
                books.make_due(stack)
                under_way(sent)
                books.resumes(stack)
        books.check(stack, sent)
        books.no_time_lies_outside(stack, began, stack.now())
    finally:
        with contextlib.suppress(FileNotFoundError):
            clock.unlink()
        start_again(stack, role)


def set_clock(clock: Path, offset: str) -> None:
    """A running process with a clock of its own reads it anew each time it asks."""
    new = clock.with_suffix(".new")
    new.write_text(f"{offset}\n")
    new.replace(clock)


def start_again(stack: Stack, role: str) -> None:
    ready = stack.readiness(role)
    stack.process(role).kill()
    until(ready, f"{role} answers again")
