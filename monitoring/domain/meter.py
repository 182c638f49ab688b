"""Counting what integrations send, by minute of arrival and service."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from monitoring.domain.pace import Pace, minute_of
from monitoring.models import Integration
from monitoring.queries.storms import read_pace

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


class Meter:
    """The pace of integrations, read once a batch and minute and kept up with what this worker adds.

    What other workers are adding in the same moment is not seen: at a storm's beginning each may let
    the rest of its post through one by one. Nothing is lost by that and nobody waits.
    """

    def __init__(self) -> None:
        self._paces: dict[int, Pace] = {}

    def pace(self, integration: Integration, at: datetime) -> Pace:
        """The pace in the minute of `at`."""
        known = self._paces.get(integration.pk)
        minute = minute_of(at)
        if known is None or known.minute != minute:
            known = read_pace(integration, at)
        return known

    def keep(self, integration_id: int, pace: Pace) -> None:
        """Remember the pace after a post that was counted."""
        self._paces[integration_id] = pace

    def forget(self, integration_id: int) -> None:
        """Read again next time: a post was rolled back."""
        self._paces.pop(integration_id, None)


def add(integration_id: int, tallies: Mapping[int, Tally], *, at: datetime, now: datetime) -> None:
    """Add a post's tallies (by service, 0 for none) to the minute of `at`.

    The last statement of a post: the rows are held only until its commit, and taken in one order.
    """
    services = sorted(tallies)
    if not services:
        return
    values = {
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
