"""Counting while working. A count is an addition in memory; the beat of an engine carries the sums into Redis.

So a row costs nothing, a tick that worked costs one round trip, and every process answers the same. Redis away
means that sums wait in memory; Redis emptied means that counters start again, as Prometheus expects of counters.
Nothing decides by these numbers.
"""

import json
import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, cast

import redis
from django.conf import settings

from core.redis_client import redis_client

log = logging.getLogger(__name__)
# Upper bounds in seconds of the classes of lateness; a last class has none.
BOUNDS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)
KEPT = timedelta(hours=2)
_MINUTE = 60

Labels = tuple[str, ...]
_pending: Counter[Labels] = Counter()
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late rows were worked: how many in each class of BOUNDS and beyond, and the seconds in all."""

    classes: tuple[int, ...] = (0,) * (len(BOUNDS) + 1)
    seconds: float = 0.0

    @property
    def count(self) -> int:
        return sum(self.classes)

    def percentile(self, percent: float) -> float | None:
        """The bound that so many percent stay within, in seconds; infinity beyond the last, None for no rows."""
        below, wanted = 0, self.count * percent / 100
        for bound, count in zip((*BOUNDS, float("inf")), self.classes, strict=True):
            below += count
            if count and below >= wanted:
                return bound
        return None


def count(name: str, *labels: str, n: int = 1) -> None:
    """Count `n` of something under its labels, e.g. count("delivery", "email", "sent")."""
    if n:
        with _lock:
            _pending[(name, *labels)] += n


def late(engine: str, due: datetime | None, now: datetime) -> None:
    """Note that `engine` took a row in hand at `now` that was due at `due`."""
    if due is None:
        return
    seconds = max((now - due).total_seconds(), 0.0)
    place = sum(seconds > bound for bound in BOUNDS)
    with _lock:
        _pending[("late", engine, str(place))] += 1
        _pending[("late_ms", engine)] += round(seconds * 1000)


def flush(now: datetime) -> None:
    """Carry what was counted into Redis. Failures are logged; the sums wait for the next time."""
    with _lock:
        taken = dict(_pending)
        _pending.clear()
    if not taken:
        return
    try:
        line = redis_client().pipeline(transaction=True)
        for labels, n in taken.items():
            for key in (_total(), _minute(now)):
                line.hincrby(key, json.dumps(labels), n)
        line.expire(_minute(now), KEPT)
        line.execute()
    except redis.RedisError as error:
        with _lock:
            _pending.update(taken)
        log.warning("counts are kept for later: Redis is away (%s)", error)


def forget() -> None:
    """Drop what was counted and not carried yet: for tests."""
    with _lock:
        _pending.clear()


def totals() -> dict[Labels, int]:
    """Everything counted since Redis began, by name and labels. Empty while Redis is away."""
    return _read([_total()])[0]


def last_minutes(now: datetime, minutes: int) -> list[dict[Labels, int]]:
    """What was counted in each of the last minutes, oldest first; the running minute is the last."""
    return _read([_minute(now - timedelta(minutes=back)) for back in range(minutes - 1, -1, -1)])


def added(parts: Iterable[dict[Labels, int]]) -> dict[Labels, int]:
    """Several counts as one."""
    whole: Counter[Labels] = Counter()
    for part in parts:
        whole.update(part)
    return dict(whole)


def lateness_of(engine: str, counts: dict[Labels, int]) -> Lateness:
    """The lateness of one engine among `counts`."""
    classes = tuple(counts.get(("late", engine, str(place)), 0) for place in range(len(BOUNDS) + 1))
    return Lateness(classes, counts.get(("late_ms", engine), 0) / 1000)


def _read(keys: list[str]) -> list[dict[Labels, int]]:
    try:
        line = redis_client().pipeline(transaction=False)
        for key in keys:
            line.hgetall(key)
        return [_known(cast(dict[bytes, bytes], found)) for found in line.execute()]
    except redis.RedisError as error:
        log.warning("counts can't be read: Redis is away (%s)", error)
        return [{} for _ in keys]


def _known(found: dict[bytes, bytes]) -> dict[Labels, int]:
    pairs: list[tuple[Any, bytes]] = [(json.loads(field), n) for field, n in found.items()]
    return {tuple(labels): int(n) for labels, n in pairs}


def _total() -> str:
    return f"{settings.MAINSTAY_REDIS_PREFIX}meter:total"


def _minute(now: datetime) -> str:
    return f"{settings.MAINSTAY_REDIS_PREFIX}meter:{int(now.timestamp()) // _MINUTE}"
