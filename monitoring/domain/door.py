"""Taking a post in: one statement looks at the key, stores the post and tells how busy its integration is.

So a post costs one round trip and one commit, and a key that was changed or shut is refused from that moment on. Posts that a
process takes at the same moment share them.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from time import monotonic
from typing import Any, cast

from django.conf import settings
from django.db import DataError, IntegrityError, OperationalError, connection
from psycopg.types.json import Jsonb

from core.crypto import digest
from core.nudge import soon
from core.prepared import prepared_cursor
from core.together import InDoubtError, Together
from monitoring.domain.deliveries import INTAKE_TASK, receive
from monitoring.domain.integrations import find_by_key
from monitoring.domain.pace import Pace, is_storm, minute_of
from monitoring.queries.storms import is_coalescing

_ALERTS_IN = """(SELECT COALESCE(sum(m.alerts), 0) FROM monitoring_intakeminute m
    WHERE m.integration_id = raw.integration_id AND m.minute = date_trunc('minute', raw.received_at) - %s)"""
_MINUTES = ", ".join(_ALERTS_IN % f"interval '{back} minutes'" for back in (0, 1))
_KEYS = "({n}, %(key_{n})s::text, %(source_{n})s::text)"
_BODIES = "({n}, %(body_{n})s::bytea, %(headers_{n})s::jsonb, %(address_{n})s::inet)"
# Their ids are drawn first: what an INSERT returns does not say which row it was made of.
_STORE = """
WITH door AS MATERIALIZED (
    SELECT given.n, nextval(pg_get_serial_sequence('monitoring_rawdelivery', 'id')) AS id, {now} AS received_at,
        integration.id AS integration_id, integration.rate
    FROM (VALUES {keys}) AS given (n, key, source)
    JOIN monitoring_integration AS integration
        ON integration.key_digest = given.key AND integration.source = given.source AND integration.is_active
), stored AS (
    INSERT INTO monitoring_rawdelivery (id, integration_id, received_at, body, headers, delivery_id, address, state,
        reason, signals, truncated, replays, expires_at)
    SELECT id, integration_id, received_at, body, headers, '', address, 'received', '', 0, 0, 0,
        received_at + %(kept)s::interval
    FROM door JOIN (VALUES {bodies}) AS post (n, body, headers, address) USING (n)
)
SELECT n, id, received_at, rate, {minutes} FROM door AS raw
"""
# So many posts go together at most; never more than a process has threads (MAINSTAY_WEB_THREADS).
_MOST = 8


@dataclass(frozen=True, slots=True)
class _Post:
    """What is stored of a post, and now as an expression of SQL."""

    key: str
    source: str
    body: bytes
    headers: Mapping[str, str]
    address: str | None
    instant: str


# (source, digest) of keys that led to an integration before. They say in which order things are asked, never whether
# a post is taken: that the statement decides.
_familiar: set[tuple[str, str]] = set()
_thread = threading.local()


@dataclass(frozen=True, slots=True)
class Taken:
    """A stored post: its id, and whether its alerts are counted together."""

    id: int
    coalesced: bool


def knows(source: str, key: str) -> bool:
    """Whether a body that comes with this key is worth reading: a stranger's is not waited for.

    A key that led to an integration before is believed until `take` says otherwise; another one costs a question.
    """
    place = source, digest(key)
    if place not in _familiar:
        found = find_by_key(source, key)
        _thread.asked = monotonic()
        if found is None:
            return False
        _familiar.add(place)
    return True


def take(
    source: str,
    key: str,
    body: bytes,
    *,
    headers: Mapping[str, str],
    delivery_id: str,
    address: str | None,
    instant: str,
) -> Taken | None:
    """Store one post durably and ring the engine; None where no active integration has this key.

    `instant` is now as an expression of SQL (`core.clock.in_sql()`), so that it costs no question of its own.
    A `delivery_id` that the integration has used before stores nothing and gives the first post's id.
    Raises django.db.DatabaseError when the post can't be stored.
    """
    if delivery_id:
        integration = find_by_key(source, key)
        _thread.asked = monotonic()
        if integration is None:
            _familiar.discard((source, digest(key)))
            return None
        now = _read(instant)
        pk = receive(integration, body, headers=headers, delivery_id=delivery_id, address=address, now=now)
        return Taken(pk, is_coalescing(integration, now))
    post = _Post(digest(key), source, body, headers, address, instant)
    # What others rely on is committed with them; within a transaction of its own it is not.
    row = _store([post])[0] if connection.in_atomic_block else _store_together(post)
    if row is None:
        _familiar.discard((source, post.key))
        return None
    soon(INTAKE_TASK)
    pk, received_at, rate, this, last = row
    return Taken(pk, is_storm(Pace(rate, minute_of(received_at), this, last), received_at))


def last_asked() -> float:
    """When this thread asked the database last, by `time.monotonic`: others may have asked on its behalf since."""
    at: float = getattr(_thread, "asked", 0.0)
    return at


def _store(posts: Sequence[_Post]) -> list[tuple[Any, ...] | None]:
    """Of each post its id, when it arrived, its integration's rate and alerts of this minute and the last; None where no active
    integration has its key. All are stored or none."""
    values: dict[str, Any] = {"kept": timedelta(days=settings.MAINSTAY_RAW_DAYS)}
    for n, post in enumerate(posts):
        values |= {
            f"key_{n}": post.key,
            f"source_{n}": post.source,
            f"body_{n}": post.body,
            f"headers_{n}": Jsonb(dict(post.headers)),
            f"address_{n}": post.address,
        }
    with prepared_cursor(connection) as cursor:
        cursor.execute(_statement(len(posts), posts[0].instant), values)
        found = {row[0]: row[1:] for row in cursor.fetchall()}
    _thread.asked = monotonic()
    return [found.get(n) for n in range(len(posts))]


def _stored_nothing(error: Exception) -> bool:
    """Whether the statement certainly did nothing: what it was given is refused, or it was never sent."""
    return isinstance(error, DataError | IntegrityError) or connection.connection is None


_together = Together(_store, _MOST, undone=_stored_nothing)


def _store_together(post: _Post) -> tuple[Any, ...] | None:
    try:
        return _together(post)
    except InDoubtError as doubt:
        raise OperationalError(f"Another thread stored it, if at all: {doubt}") from None


@cache
def _statement(posts: int, instant: str) -> str:
    keys, bodies = (", ".join(each.format(n=n) for n in range(posts)) for each in (_KEYS, _BODIES))
    return _STORE.format(now=instant, keys=keys, bodies=bodies, minutes=_MINUTES)


def _read(instant: str) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {instant}")
        (moment,) = cursor.fetchone()
    return cast(datetime, moment)
