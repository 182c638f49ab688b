"""Taking a post in: one statement looks at the key, stores the post and tells how busy its integration is.

So a post costs one round trip and one commit, and a key that was changed or shut is refused from that moment on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.db import connection
from psycopg.types.json import Jsonb

from core.crypto import digest
from core.nudge import soon
from core.prepared import prepared_cursor
from monitoring.domain.deliveries import INTAKE_TASK, receive
from monitoring.domain.integrations import find_by_key
from monitoring.domain.pace import Pace, is_storm, minute_of
from monitoring.queries.storms import is_coalescing

_ALERTS_IN = """(SELECT COALESCE(sum(m.alerts), 0) FROM monitoring_intakeminute m
    WHERE m.integration_id = raw.integration_id AND m.minute = date_trunc('minute', raw.received_at) - %s)"""
_MINUTES = ", ".join(_ALERTS_IN % f"interval '{back} minutes'" for back in (0, 1))
_STORE = """
WITH door AS (
    SELECT id, rate, {now} AS now FROM monitoring_integration
    WHERE key_digest = %(key)s AND source = %(source)s AND is_active
)
INSERT INTO monitoring_rawdelivery AS raw (integration_id, received_at, body, headers, delivery_id, address, state,
    reason, signals, truncated, replays, expires_at)
SELECT id, now, %(body)s, %(headers)s, '', %(address)s::inet, 'received', '', 0, 0, 0, now + %(kept)s::interval
FROM door
RETURNING raw.id, raw.received_at, (SELECT rate FROM door), {minutes}
"""


# (source, digest) of keys that led to an integration before. They say in which order things are asked, never whether
# a post is taken: that the statement decides.
_familiar: set[tuple[str, str]] = set()


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
        if find_by_key(source, key) is None:
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
        if integration is None:
            _familiar.discard((source, digest(key)))
            return None
        now = _read(instant)
        pk = receive(integration, body, headers=headers, delivery_id=delivery_id, address=address, now=now)
        return Taken(pk, is_coalescing(integration, now))
    values = {
        "key": digest(key),
        "source": source,
        "body": body,
        "headers": Jsonb(dict(headers)),
        "address": address,
        "kept": timedelta(days=settings.MAINSTAY_RAW_DAYS),
    }
    with prepared_cursor(connection) as cursor:
        cursor.execute(_STORE.format(now=instant, minutes=_MINUTES), values)
        row = cursor.fetchone()
    if row is None:
        _familiar.discard((source, values["key"]))
        return None
    soon(INTAKE_TASK)
    pk, received_at, rate, this, last = row
    return Taken(pk, is_storm(Pace(rate, minute_of(received_at), this, last), received_at))


def _read(instant: str) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {instant}")
        (moment,) = cursor.fetchone()
    return cast(datetime, moment)
