"""Alerts as rows: read and locked at once, written at once, however many readings they got meanwhile."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from core.rowsets import insert_rows, update_rows
from monitoring.domain.fold import Standing

_LOCK = """
SELECT identity, id, status, event_at, last_seen_at, service_id, starts_at, ends_at, episodes, resolve_reason,
    severity
FROM monitoring_alert WHERE integration_id = %s AND identity = ANY(%s) ORDER BY identity FOR UPDATE
"""
_STANDING = {
    "status": "text", "event_at": "timestamptz", "last_seen_at": "timestamptz", "service_id": "bigint",
    "starts_at": "timestamptz", "ends_at": "timestamptz", "episodes": "int", "resolve_reason": "text",
    "count": "int", "coalesced": "int",
}  # fmt: skip
_WORDS = {
    "severity": "text", "title": "text", "body": "text", "labels": "jsonb", "annotations": "jsonb", "url": "text",
    "service_hint": "text",
}  # fmt: skip
_NEW = {"integration_id": "bigint", "identity": "text", "first_seen_at": "timestamptz", **_STANDING, **_WORDS}
_ADDED = ("count", "coalesced")
_CHANGE = ", ".join(
    [f"{name} = t.{name} + given.{name}" for name in _ADDED]
    + [f"{name} = given.{name}" for name in _STANDING if name not in _ADDED]
    + [f"{name} = COALESCE(given.{name}, t.{name})" for name in _WORDS]
)


class RacedError(Exception):
    """Two workers met the same new alert at once: roll back and read the posts again."""


def lock_standings(integration_id: int, identities: Collection[str]) -> dict[str, tuple[int, Standing]]:
    """The known ones of these alerts by identity, with their ids, locked until the transaction ends.

    In one order everywhere, so that two workers with the same alerts never wait for each other in a ring.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [integration_id, sorted(identities)])
        return {identity: (pk, Standing(*rest)) for identity, pk, *rest in cursor.fetchall()}


def insert_standings(
    integration_id: int, standings: Mapping[str, Standing], first_seen: Mapping[str, datetime]
) -> dict[str, int]:
    """Store alerts that are new; their ids by identity. Raises RacedError where another worker was faster."""
    rows = [
        {
            "integration_id": integration_id,
            "identity": identity,
            "first_seen_at": first_seen[identity],
            **_row(standings[identity]),
        }
        for identity in sorted(standings)
    ]
    clause = "ON CONFLICT (integration_id, identity) DO NOTHING RETURNING t.identity, t.id"
    made = dict(insert_rows("monitoring_alert", _NEW, rows, clause=clause))
    if len(made) < len(rows):
        raise RacedError
    return made


def update_standings(standings: Mapping[int, Standing]) -> None:
    """Write how alerts stand, by their ids. They have to be locked."""
    rows = [{"id": pk, **_row(standings[pk])} for pk in sorted(standings)]
    columns = {"id": "bigint", **_STANDING, **_WORDS}
    update_rows("monitoring_alert", columns, rows, change=_CHANGE, where="t.id = given.id")


def _row(standing: Standing) -> dict[str, Any]:
    row: dict[str, Any] = {
        "status": standing.status,
        "event_at": standing.event_at,
        "last_seen_at": standing.last_seen_at,
        "service_id": standing.service_id,
        "starts_at": standing.starts_at,
        "ends_at": standing.ends_at,
        "episodes": standing.episodes,
        "resolve_reason": standing.resolve_reason,
        "count": standing.counted,
        "coalesced": standing.coalesced,
    }
    if standing.told is not None:
        signal = standing.told.signal
        row |= {
            "severity": signal.severity,
            "title": signal.title,
            "body": signal.body,
            "labels": signal.labels,
            "annotations": signal.annotations,
            "url": signal.url,
            "service_hint": standing.told.route.hint,
        }
    return row
