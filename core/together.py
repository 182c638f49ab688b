"""Work of several threads in one go, as a database commits a group: whoever comes while it is under way goes with the next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Any, Generic, TypeVar, cast

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


class InDoubtError(Exception):
    """Another thread did the work and failed, or does not come back: whether it is done nobody knows."""


def _shut() -> Lock:
    lock = Lock()
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Item]):
    """An item on its way. Its thread sleeps at `turn`: until the work is done, is to be done by it, or has to be done alone."""

    item: Item
    turn: Lock = field(default_factory=_shut)
    leads: bool = False
    is_done: bool = False
    outcome: Any = None
    doubt: str = ""


class Together(Generic[Item, Outcome]):
    """`work` gets the items of up to `most` threads and gives an outcome for each, in their order. It runs in one of the threads
    that wait for it, one at a time; a thread that comes alone waits for nobody.

    Where the work of several fails and nothing of it was done, as `undone` says of the error, each does its own in its own thread.
    Any other error is raised in the thread that worked, and InDoubtError in those that went with it: nothing is done twice here.
    Where a thread does not come back within `patience` seconds, those who come after it work alone; for whoever went with it that
    is an InDoubtError after `longest` seconds.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Sequence[Outcome]],
        most: int,
        *,
        undone: Callable[[Exception], bool],
        patience: float = 1.0,
        longest: float = 10.0,
    ) -> None:
        self._work, self._most, self._undone = work, most, undone
        self._patience, self._longest = patience, longest
        self._lock = Lock()
        self._waiting: list[_Waiting[Item]] = []
        self._is_busy, self._since = False, 0.0

    def __call__(self, item: Item) -> Outcome:
        mine = _Waiting(item)
        return self._outcome(mine) if self._joined(mine) else self._alone(item)

    def _outcome(self, mine: _Waiting[Item]) -> Outcome:
        if not mine.turn.acquire(timeout=self._patience):
            if self._withdrawn(mine):
                return self._alone(mine.item)
            if not mine.turn.acquire(timeout=self._longest):
                raise InDoubtError(f"Nothing came back within {self._longest:.0f} seconds.")
        if mine.leads:
            return self._lead(mine)
        if mine.doubt:
            raise InDoubtError(mine.doubt)
        return cast(Outcome, mine.outcome) if mine.is_done else self._alone(mine.item)

    def _joined(self, mine: _Waiting[Item]) -> bool:
        """Whether it waits with the others now; it does not behind a leader who stays away."""
        with self._lock:
            if self._is_busy and monotonic() - self._since > self._patience:
                return False
            self._waiting.append(mine)
            if not self._is_busy:
                self._appoint(mine)
            return True

    def _withdrawn(self, mine: _Waiting[Item]) -> bool:
        """Whether it is taken back: not where a leader has it already, or it leads itself."""
        with self._lock:
            free = mine in self._waiting and not mine.leads
            if free:
                self._waiting.remove(mine)
            return free

    def _appoint(self, heir: _Waiting[Item]) -> None:
        self._is_busy, self._since, heir.leads = True, monotonic(), True
        heir.turn.release()

    def _lead(self, mine: _Waiting[Item]) -> Outcome:
        """Do the work of whoever waits, the first of whom leads, and wake them; the next leads then."""
        with self._lock:
            going, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        outcomes: Sequence[Outcome] = ()
        doubt = "The thread that worked has ended."
        try:
            outcomes = self._work([each.item for each in going])
            doubt = "" if len(outcomes) == len(going) else "Not one outcome for each."
        except Exception as error:
            doubt = str(error) or type(error).__name__
            if len(going) == 1 or not self._undone(error):
                raise
            doubt = ""
        finally:
            self._hand_on(going, outcomes, doubt)
        if doubt:
            raise InDoubtError(doubt)
        return outcomes[0] if outcomes else self._alone(mine.item)

    def _hand_on(self, going: Sequence[_Waiting[Item]], outcomes: Sequence[Outcome], doubt: str) -> None:
        with self._lock:
            self._is_busy = False
            if self._waiting:
                self._appoint(self._waiting[0])
        for place, each in enumerate(going[1:], 1):
            each.doubt = doubt
            if outcomes and not doubt:
                each.outcome, each.is_done = outcomes[place], True
            each.turn.release()

    def _alone(self, item: Item) -> Outcome:
        return self._work([item])[0]
