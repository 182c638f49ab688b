"""Folding readings into alerts: one row per (integration, identity), one atomic upsert a reading.

The source's time decides. A reading older than what is known only counts; one that ends an alert wins a
tie with one that begins it, so a late copy of the beginning doesn't open it again. What changed is read
from the same statement, which locks the row before it writes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from monitoring.choices import AlertStatus, ChangeKind
from monitoring.domain.routing import Route
from monitoring.types import Signal

LATE = "late: older than what is known"


class RacedError(Exception):
    """Two workers met the same new alert at once: roll back and read the delivery again."""


@dataclass(frozen=True, slots=True)
class Before:
    """An alert as it was before a reading."""

    status: str
    event_at: datetime
    service_id: int | None


@dataclass(frozen=True, slots=True)
class Folded:
    """An alert after a reading; `before` is None for its first."""

    id: int
    status: str
    event_at: datetime
    service_id: int | None
    count: int
    before: Before | None


# Whether the arriving reading is news: it ends the alert or continues it and is not older than what is
# known, or it begins it again and is newer than its end.
_FRESH = """(CASE WHEN a.status = 'resolved' AND excluded.status <> 'resolved'
    THEN excluded.event_at > a.event_at ELSE excluded.event_at >= a.event_at END)"""
_SPEAKS = f"({_FRESH} AND excluded.status <> 'resolved')"
_BEGINS = f"({_SPEAKS} AND a.status = 'resolved')"
# A resolve, or the word that there is no data, may carry less than the alert did: what it is about stays as
# the alert said when it fired.
_TELLS = f"({_SPEAKS} AND (excluded.status = 'firing' OR a.episodes = 0))"
_CONTENT_SET = ", ".join(
    f"{name} = CASE WHEN {_TELLS} THEN excluded.{name} ELSE a.{name} END"
    for name in ("severity", "title", "body", "labels", "annotations", "url", "service_hint")
)

_UPSERT = f"""
WITH before AS MATERIALIZED (
    SELECT status, event_at, service_id FROM monitoring_alert
    WHERE integration_id = %(integration)s AND identity = %(identity)s FOR UPDATE
), folded AS (
    INSERT INTO monitoring_alert AS a (
        integration_id, identity, status, severity, title, body, labels, annotations, url, service_id,
        service_hint, starts_at, ends_at, event_at, first_seen_at, last_seen_at, count,
        episodes, resolve_reason, coalesced
    )
    SELECT %(integration)s, %(identity)s, %(status)s, %(severity)s, %(title)s, %(body)s, %(labels)s,
        %(annotations)s, %(url)s, %(service)s::bigint, %(service_hint)s,
        %(starts_at)s, %(ends_at)s, %(event_at)s, %(seen_at)s, %(seen_at)s, 1,
        %(episodes)s, %(resolve_reason)s, %(coalesced)s
    FROM (SELECT 1) AS one LEFT JOIN before ON true
    ON CONFLICT (integration_id, identity) DO UPDATE SET
        status = CASE WHEN {_FRESH} THEN excluded.status ELSE a.status END,
        event_at = GREATEST(a.event_at, excluded.event_at),
        last_seen_at = GREATEST(a.last_seen_at, excluded.last_seen_at),
        count = a.count + 1,
        coalesced = a.coalesced + excluded.coalesced,
        episodes = a.episodes
            + CASE WHEN {_FRESH} AND excluded.status = 'firing' AND a.status <> 'firing' THEN 1 ELSE 0 END,
        starts_at = CASE WHEN {_BEGINS} THEN excluded.starts_at ELSE a.starts_at END,
        ends_at = CASE WHEN {_SPEAKS} THEN NULL
            WHEN {_FRESH} AND a.status <> 'resolved' THEN excluded.ends_at ELSE a.ends_at END,
        resolve_reason = CASE WHEN {_SPEAKS} THEN ''
            WHEN {_FRESH} AND a.status <> 'resolved' THEN excluded.resolve_reason ELSE a.resolve_reason END,
        service_id = CASE WHEN excluded.status = 'resolved' THEN COALESCE(a.service_id, excluded.service_id)
            WHEN %(is_named)s OR {_BEGINS} THEN COALESCE(excluded.service_id, a.service_id)
            ELSE COALESCE(a.service_id, excluded.service_id) END,
        {_CONTENT_SET}
    RETURNING a.id, a.status, a.event_at, a.service_id, a.count
)
SELECT folded.*, before.status, before.event_at, before.service_id FROM folded LEFT JOIN before ON true
"""  # noqa: S608 - put together from the constants above, values are parameters


def fold(
    integration_id: int,
    signal: Signal,
    route: Route,
    *,
    event_at: datetime,
    seen_at: datetime,
    coalesced: bool = False,
) -> Folded:
    """Fold one reading, taken at `event_at` by the source and seen at `seen_at`, into its alert.

    `coalesced` readings came in a storm and are counted as such too.
    Raises RacedError when another transaction inserted the same new alert meanwhile.
    """
    resolved = signal.status == "resolved"
    service_id = route.named or route.fallback
    values: dict[str, Any] = {
        "integration": integration_id,
        "identity": signal.identity,
        "status": signal.status,
        "severity": signal.severity,
        "title": signal.title,
        "body": signal.body,
        "labels": Jsonb(dict(signal.labels)),
        "annotations": Jsonb(dict(signal.annotations)),
        "url": signal.url,
        "service": service_id,
        "is_named": route.named is not None,
        "service_hint": route.hint,
        "starts_at": signal.starts_at or event_at,
        "ends_at": (signal.ends_at or event_at) if resolved else None,
        "event_at": event_at,
        "seen_at": seen_at,
        "episodes": 1 if signal.status == "firing" else 0,
        "resolve_reason": signal.resolve_reason,
        "coalesced": int(coalesced),
    }
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, values)
        pk, status, at, service, count, *old = cursor.fetchone()
    before = Before(*old) if old[0] is not None else None
    if before is None and count > 1:
        raise RacedError
    return Folded(pk, status, at, service, count, before)


def change_of(folded: Folded) -> tuple[ChangeKind, str] | None:
    """What this reading changed, with a detail; None when it only counts. Pure."""
    before = folded.before
    if before is None:
        first = {AlertStatus.FIRING: ChangeKind.FIRED, AlertStatus.NO_DATA: ChangeKind.NO_DATA}
        kind = first.get(AlertStatus(folded.status))
        return (kind, "") if kind else None
    if before.status == folded.status:
        routed = before.service_id is None and folded.service_id is not None
        return (ChangeKind.FIRED, "routed") if routed and folded.status == AlertStatus.FIRING else None
    turned = {
        AlertStatus.FIRING: ChangeKind.REFIRED,
        AlertStatus.NO_DATA: ChangeKind.NO_DATA,
        AlertStatus.RESOLVED: ChangeKind.RESOLVED,
    }
    return turned[AlertStatus(folded.status)], ""


def is_late(folded: Folded, event_at: datetime) -> bool:
    """Whether the reading was older than what was known, so that it only counted. Pure."""
    return folded.before is not None and event_at < folded.event_at
