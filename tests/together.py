"""Several at once: threads that start in the same moment, each with its own connection."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection


def together(act: Callable[[int], Any], workers: int) -> list[Any]:
    """Run `act(n)` in so many threads at once; what each returned. An error of one is raised."""
    barrier = Barrier(workers, timeout=60)

    def worker(n: int) -> Any:
        try:
            barrier.wait()
            return act(n)
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(worker, range(workers)))
