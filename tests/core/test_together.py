"""Work of several threads in one go."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.together import Together
from tests.patience import until


class Gate:
    """Work that waits until it may go on, and notes what it was given."""

    def __init__(self):
        self.begun, self.may_go = threading.Semaphore(0), threading.Semaphore(0)
        self.given, self.by = [], []

    def __call__(self, items):
        self.given.append(list(items))
        self.by.append(threading.get_ident())
        self.begun.release()
        assert self.may_go.acquire(timeout=20)
        if "bad" in items:
            raise ValueError("bad")
        return [item.upper() for item in items]


@pytest.fixture
def gate():
    return Gate()


@pytest.fixture
def pool():
    with ThreadPoolExecutor(8) as threads:
        yield threads


def waiting(together, count):
    until(lambda: len(together._waiting) == count, f"{count} wait", seconds=20, step=0.001)


def test_one_alone_is_worked_in_its_own_thread(gate):
    gate.may_go.release()
    assert Together(gate, 4)("a") == "A"
    assert (gate.given, gate.by) == ([["a"]], [threading.get_ident()])


def test_whoever_comes_meanwhile_goes_together_and_gets_what_is_theirs(gate, pool):
    together = Together(gate, 3)
    first = pool.submit(together, "a")
    assert gate.begun.acquire(timeout=20)
    rest = []
    for count, item in enumerate("bcde", 1):
        rest.append(pool.submit(together, item))
        waiting(together, count)
    for _ in range(3):
        gate.may_go.release()
    assert [each.result(20) for each in (first, *rest)] == list("ABCDE")
    assert gate.given == [["a"], ["b", "c", "d"], ["e"]]
    assert (together._waiting, together._is_busy) == ([], False)


def test_what_goes_wrong_is_told_to_all_of_them_and_the_next_go_on(gate, pool):
    together = Together(gate, 2)
    first = pool.submit(together, "a")
    assert gate.begun.acquire(timeout=20)
    rest = []
    for count, item in enumerate(["bad", "b", "c"], 1):
        rest.append(pool.submit(together, item))
        waiting(together, count)
    for _ in range(3):
        gate.may_go.release()
    assert first.result(20) == "A"
    assert [str(each.exception(20)) for each in rest[:2]] == ["bad", "bad"]
    assert rest[2].result(20) == "C"


def test_work_that_gives_too_little_is_an_error_and_nobody_sleeps(pool):
    together = Together(lambda items: items[1:], 4)
    with pytest.raises(ValueError, match="shorter"):
        pool.submit(together, "a").result(20)


def test_many_at_once_lose_nothing(pool):
    together = Together(lambda items: [item * 2 for item in items], 3)
    assert list(pool.map(together, range(2_000))) == [n * 2 for n in range(2_000)]
