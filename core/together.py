"""Work of several threads in one go, as a database commits a group: whoever comes while it is under way goes with the next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Generic, TypeVar, cast

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


def _shut() -> Lock:
    lock = Lock()
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Item]):
    """An item on its way. Its thread sleeps at `turn`: until the work is done, or until it is to do it."""

    item: Item
    turn: Lock = field(default_factory=_shut)
    is_done: bool = False
    outcome: Any = None
    error: BaseException | None = None


class Together(Generic[Item, Outcome]):
    """`work` gets the items of up to `most` threads and gives an outcome for each, in their order; what it raises is raised in
    each of them. It runs in one thread at a time, one of those that wait for it. A thread that comes alone waits for nobody.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Outcome]], most: int) -> None:
        self._work, self._most = work, most
        self._lock = Lock()
        self._waiting: list[_Waiting[Item]] = []
        self._is_busy = False

    def __call__(self, item: Item) -> Outcome:
        mine = _Waiting(item)
        with self._lock:
            self._waiting.append(mine)
            leads, self._is_busy = not self._is_busy, True
        if not leads:
            mine.turn.acquire()
        if not mine.is_done:
            self._lead()
        if mine.error is not None:
            raise mine.error
        return cast(Outcome, mine.outcome)

    def _lead(self) -> None:
        """Do the work of whoever waits, the own among it, and wake them; then the next leads."""
        with self._lock:
            going, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        try:
            outcomes = self._work([each.item for each in going])
            for each, outcome in zip(going, outcomes, strict=True):
                each.outcome = outcome
        except BaseException as error:
            for each in going:
                each.error = error
        with self._lock:
            heir = self._waiting[0] if self._waiting else None
            self._is_busy = heir is not None
        for each in going:
            each.is_done = True
            each.turn.release()  # the leader's own as well: nobody sleeps there
        if heir is not None:
            heir.turn.release()
