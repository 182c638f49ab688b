"""Counting what integrations send, by minute of arrival and service.

Each batch of posts reads the pace as others left it and adds its own at its end. What workers are adding in the
same moment they don't see of each other: at a storm's beginning each may let a few alerts more through one by one
(a batch takes a tenth of what is left of the rate, one post at least). Nothing is lost by that and nobody waits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.rowsets import insert_rows

KEPT = timedelta(days=2)

_COLUMNS = {
    "integration_id": "bigint", "service_id": "bigint", "minute": "timestamptz", "alerts": "int", "coalesced": "int",
    "fresh": "int", "counted_at": "timestamptz", "expires_at": "timestamptz",
}  # fmt: skip
_ADD = """
ON CONFLICT (integration_id, minute, service_id) DO UPDATE SET
    alerts = t.alerts + excluded.alerts,
    coalesced = t.coalesced + excluded.coalesced,
    fresh = t.fresh + excluded.fresh,
    counted_at = GREATEST(t.counted_at, excluded.counted_at)
"""


@dataclass(slots=True)
class Tally:
    """What posts add for one service and minute: alerts, how many were coalesced, how many of these were new."""

    alerts: int = 0
    coalesced: int = 0
    fresh: int = 0


def add(integration_id: int, tallies: Mapping[datetime, Mapping[int, Tally]], *, now: datetime) -> None:
    """Add tallies, by minute of arrival and service (0 for none).

    The last statement of the posts: the rows are held only until its commit, and taken in one order.
    """
    rows = [
        {
            "integration_id": integration_id,
            "service_id": service,
            "minute": minute,
            "alerts": tally.alerts,
            "coalesced": tally.coalesced,
            "fresh": tally.fresh,
            "counted_at": now,
            "expires_at": now + KEPT,
        }
        for minute in sorted(tallies)
        for service, tally in sorted(tallies[minute].items())
    ]
    insert_rows("monitoring_intakeminute", _COLUMNS, rows, clause=_ADD)
