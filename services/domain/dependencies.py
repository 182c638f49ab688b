"""What a failure reaches: walking dependencies. Pure: edges of service keys in, keys out."""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass

MOST_REACHED = 200


@dataclass(frozen=True, slots=True)
class Edge:
    """`downstream` takes something from `upstream`, both by key; `critical`: it doesn't work without."""

    upstream: int
    downstream: int
    kind: str = "data"
    critical: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reached:
    """A service that a failure reaches, in so many steps; `down`: every step on some way there is critical, so it doesn't
    work at all rather than worse."""

    service: int
    steps: int
    down: bool


def reached(edges: Iterable[Edge], start: int, *, most: int = MOST_REACHED) -> list[Reached]:
    """Everything downstream of `start`, nearest first, each once and `start` never; at most so many."""
    onward: dict[int, list[Edge]] = defaultdict(list)
    for edge in edges:
        onward[edge.upstream].append(edge)
    steps = _distances(onward, start)
    down = _distances(
        {key: [edge for edge in those if edge.critical] for key, those in onward.items()}, start
    )
    return [
        Reached(key, far, key in down)
        for key, far in sorted(steps.items(), key=lambda each: (each[1], each[0]))
        if key != start
    ][:most]


def circles(edges: Iterable[Edge]) -> list[list[int]]:
    """Ways that come back to where they began, one for each knot of services that depend on one another."""
    onward: dict[int, set[int]] = defaultdict(set)
    for edge in edges:
        onward[edge.upstream].add(edge.downstream)
    found: list[list[int]] = []
    knotted: set[int] = set()
    for start in sorted(onward):
        if start in knotted:
            continue
        path = _way_back(onward, start)
        if path:
            found.append(path)
            knotted.update(path)
    return found


def _distances(onward: dict[int, list[Edge]], start: int) -> dict[int, int]:
    far, queue = {start: 0}, deque([start])
    while queue:
        here = queue.popleft()
        for edge in onward.get(here, ()):
            if edge.downstream not in far:
                far[edge.downstream] = far[here] + 1
                queue.append(edge.downstream)
    return far


def _way_back(onward: dict[int, set[int]], start: int) -> list[int]:
    """The shortest way from `start` back to it, both ends named; [] where there is none."""
    came: dict[int, int] = {}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        for there in sorted(onward.get(here, ())):
            if there == start:
                path = [start]
                while here != start:
                    path.append(here)
                    here = came[here]
                return [start, *reversed(path[1:]), start]
            if there not in came:
                came[there] = here
                queue.append(there)
    return []
