"""Work of several threads in one go."""

import threading
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest

from core.together import InDoubtError, Together, _Waiting
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
    assert Together(gate, 4, undone=never)("a") == "A"
    assert (gate.given, gate.by) == ([["a"]], [threading.get_ident()])


def never(_error):
    return False


def always(_error):
    return True


def group(together, gate, pool, *items):
    """What becomes of items that go together behind one that is under way."""
    first = pool.submit(together, "first")
    assert gate.begun.acquire(timeout=20)
    found = []
    for count, item in enumerate(items, 1):
        found.append(pool.submit(together, item))
        waiting(together, count)
    gate.may_go.release()
    assert first.result(20) == "FIRST"
    return found


def test_whoever_comes_meanwhile_goes_together_and_gets_what_is_theirs(gate, pool):
    together = Together(gate, 3, undone=never, patience=60.0)
    found = group(together, gate, pool, *"bcde")
    for _ in range(2):
        gate.may_go.release()
    assert [each.result(20) for each in found] == list("BCDE")
    assert gate.given == [["first"], ["b", "c", "d"], ["e"]]
    assert (together._waiting, together._is_busy) == ([], False)


def test_where_one_spoils_the_work_and_nothing_was_done_each_does_its_own(gate, pool):
    together = Together(gate, 3, undone=always, patience=60.0)
    found = group(together, gate, pool, "b", "bad", "c")
    for _ in range(4):
        gate.may_go.release()
    assert (found[0].result(20), found[2].result(20)) == ("B", "C")
    assert str(found[1].exception(20)) == "bad"
    assert gate.given[:2] == [["first"], ["b", "bad", "c"]]
    assert sorted(gate.given[2:]) == [["b"], ["bad"], ["c"]]
    assert len(set(gate.by[2:])) == 3
    assert (together._waiting, together._is_busy) == ([], False)


def test_what_may_have_been_done_is_not_done_again(gate, pool):
    together = Together(gate, 3, undone=never, patience=60.0)
    found = group(together, gate, pool, "b", "bad", "c")
    gate.may_go.release()
    assert isinstance(found[0].exception(20), ValueError)
    doubts = [each.exception(20) for each in found[1:]]
    assert [(type(each), str(each)) for each in doubts] == [(InDoubtError, "bad")] * 2
    assert gate.given == [["first"], ["b", "bad", "c"]]
    gate.may_go.release()
    assert together("d") == "D"


def test_one_that_fails_alone_fails_once(gate):
    together = Together(gate, 3, undone=always)
    gate.may_go.release()
    with pytest.raises(ValueError, match="bad"):
        together("bad")
    assert gate.given == [["bad"]]


def test_nobody_waits_long_behind_a_thread_that_stays_away(gate, pool):
    together = Together(gate, 3, undone=never, patience=0.0)
    first = pool.submit(together, "a")
    assert gate.begun.acquire(timeout=20)
    others = [pool.submit(together, item) for item in "bc"]
    for _ in others:
        assert gate.begun.acquire(timeout=20)
    for _ in range(3):
        gate.may_go.release()
    assert [each.result(20) for each in (first, *others)] == ["A", "B", "C"]
    assert sorted(gate.given) == [["a"], ["b"], ["c"]]


def test_one_that_waits_takes_itself_back(gate):
    together = Together(gate, 3, undone=never)
    together._is_busy, together._since = True, monotonic() + 1_000
    mine = _Waiting("a")
    assert together._joined(mine)
    assert together._withdrawn(mine)
    assert (together._waiting, together._withdrawn(mine)) == ([], False)


def test_one_that_is_to_lead_does_not_take_itself_back(gate):
    together = Together(gate, 3, undone=never)
    mine = _Waiting("a")
    assert together._joined(mine)
    assert not together._withdrawn(mine)
    assert mine.turn.acquire(timeout=0)


def test_whoever_went_with_a_thread_that_stays_away_is_told(gate, pool):
    together = Together(gate, 3, undone=never, patience=60.0)
    found = group(together, gate, pool, "b")  # leads now, and is not back
    assert gate.begun.acquire(timeout=20)
    gone = _Waiting("c")
    assert together._joined(gone)
    together._waiting.clear()  # as if it had been taken along
    together._patience = together._longest = 0.0
    with pytest.raises(InDoubtError, match="Nothing came back"):
        together._outcome(gone)
    gate.may_go.release()
    assert found[0].result(20) == "B"


@pytest.mark.parametrize("outcomes", [[], ["X"], list("WXYZ")])
def test_outcomes_that_are_not_one_each_are_nobodys_and_nobody_sleeps(gate, pool, outcomes):
    together = Together(
        lambda items: gate(items) if items == ["first"] else outcomes, 3, undone=always, patience=60.0
    )
    found = group(together, gate, pool, "b", "c", "d")
    assert [str(each.exception(20)) for each in found] == ["Not one outcome for each."] * 3
    assert (together._waiting, together._is_busy) == ([], False)


def test_many_at_once_lose_nothing(pool):
    taken = []

    def double(items):
        taken.append(len(items))
        return [item * 2 for item in items]

    assert list(pool.map(Together(double, 3, undone=never, patience=60.0), range(2_000))) == [
        n * 2 for n in range(2_000)
    ]
    assert sum(taken) == 2_000
