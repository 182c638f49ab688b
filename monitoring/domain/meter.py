"""Counting what integrations send, by minute of arrival and service.

Each post reads the pace as others left it and adds its own at its end. What workers are adding in the same
moment they don't see of each other: at a storm's beginning each may let one post more through one by one.
Nothing is lost by that and nobody waits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from monitoring.domain.pace import minute_of

KEPT = timedelta(days=2)

_ADD = """
INSERT INTO monitoring_intakeminute AS m
    (integration_id, service_id, minute, alerts, coalesced, fresh, counted_at, expires_at)
SELECT %(integration)s, service, %(minute)s, alerts, coalesced, fresh, %(now)s, %(expires_at)s
FROM unnest(%(services)s::bigint[], %(alerts)s::int[], %(coalesced)s::int[], %(fresh)s::int[])
    AS given (service, alerts, coalesced, fresh)
ON CONFLICT (integration_id, minute, service_id) DO UPDATE SET
    alerts = m.alerts + excluded.alerts,
    coalesced = m.coalesced + excluded.coalesced,
    fresh = m.fresh + excluded.fresh,
    counted_at = GREATEST(m.counted_at, excluded.counted_at)
"""


@dataclass(slots=True)
class Tally:
    """What one post adds for one service: alerts, how many were coalesced, how many of these were new."""

    alerts: int = 0
    coalesced: int = 0
    fresh: int = 0


def add(integration_id: int, tallies: Mapping[int, Tally], *, at: datetime, now: datetime) -> None:
    """Add a post's tallies (by service, 0 for none) to the minute of `at`.

    The last statement of a post: the rows are held only until its commit, and taken in one order.
    """
    services = sorted(tallies)
    if not services:
        return
    values: dict[str, Any] = {
        "integration": integration_id,
        "minute": minute_of(at),
        "now": now,
        "expires_at": now + KEPT,
        "services": services,
        "alerts": [tallies[service].alerts for service in services],
        "coalesced": [tallies[service].coalesced for service in services],
        "fresh": [tallies[service].fresh for service in services],
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADD, values)
