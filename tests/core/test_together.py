"""Work of several threads in one go."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.together import Together, TookTooLongError
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


def test_where_one_spoils_the_work_each_does_its_own(gate, pool):
    together = Together(gate, 3)
    first = pool.submit(together, "a")
    assert gate.begun.acquire(timeout=20)
    rest = []
    for count, item in enumerate(["b", "bad", "c"], 1):
        rest.append(pool.submit(together, item))
        waiting(together, count)
    for _ in range(5):
        gate.may_go.release()
    assert (first.result(20), rest[0].result(20), rest[2].result(20)) == ("A", "B", "C")
    assert str(rest[1].exception(20)) == "bad"
    assert gate.given[:2] == [["a"], ["b", "bad", "c"]]
    assert sorted(gate.given[2:]) == [["b"], ["bad"], ["c"]]
    assert len(set(gate.by[2:])) == 3
    assert (together._waiting, together._is_busy) == ([], False)


def test_one_that_fails_alone_fails_once(gate):
    together = Together(gate, 3)
    gate.may_go.release()
    with pytest.raises(ValueError, match="bad"):
        together("bad")
    assert gate.given == [["bad"]]


def test_nobody_waits_long_behind_a_thread_that_stays_away(gate, pool):
    together = Together(gate, 3, patience=0.0)
    first = pool.submit(together, "a")
    assert gate.begun.acquire(timeout=20)
    others = [pool.submit(together, item) for item in "bc"]  # the first of them may still have joined
    for _ in others:
        assert gate.begun.acquire(timeout=20)
    for _ in range(3):
        gate.may_go.release()
    assert [each.result(20) for each in (first, *others)] == ["A", "B", "C"]
    assert sorted(gate.given) == [["a"], ["b"], ["c"]]


def test_whoever_went_with_a_thread_that_stays_away_is_told(gate, pool):
    together = Together(gate, 3, longest=0.0)
    first = pool.submit(together, "a")
    assert gate.begun.acquire(timeout=20)
    second = pool.submit(together, "b")
    waiting(together, 1)
    third = pool.submit(together, "c")
    waiting(together, 2)
    gate.may_go.release()  # the second leads, and takes the third along
    assert gate.begun.acquire(timeout=20)
    assert isinstance(third.exception(20), TookTooLongError)
    gate.may_go.release()
    assert (first.result(20), second.result(20)) == ("A", "B")
    gate.may_go.release()
    assert together("d") == "D"


def test_work_that_gives_too_little_is_an_error_and_nobody_sleeps(pool):
    together = Together(lambda items: items[1:], 4)
    assert isinstance(pool.submit(together, "a").exception(20), IndexError)
    assert together._is_busy is False


def test_many_at_once_lose_nothing(pool):
    taken = []

    def double(items):
        taken.append(len(items))
        return [item * 2 for item in items]

    assert list(pool.map(Together(double, 3), range(2_000))) == [n * 2 for n in range(2_000)]
    assert sum(taken) == 2_000
