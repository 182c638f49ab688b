"""Keeping readings: each by itself, or in a storm one row for an alert and minute."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from core.rowsets import insert_rows

_COLUMNS = {
    "alert_id": "bigint", "delivery_id": "bigint", "status": "text", "at": "timestamptz", "event_at": "timestamptz",
    "note": "text", "expires_at": "timestamptz", "minute": "timestamptz", "count": "int",
}  # fmt: skip
_ADD = """
ON CONFLICT (alert_id, minute, expires_at) WHERE minute IS NOT NULL DO UPDATE SET
    delivery_id = excluded.delivery_id,
    status = excluded.status,
    at = GREATEST(t.at, excluded.at),
    event_at = excluded.event_at,
    note = excluded.note,
    count = t.count + excluded.count
"""
Row = dict[str, Any]


def keep(single: Sequence[Row], together: Iterable[Row]) -> None:
    """Store readings, oldest first: `single` as they are, `together` added to their alert's minute."""
    insert_rows("monitoring_alertoccurrence", _COLUMNS, single)
    by_minute: dict[tuple[int, datetime], Row] = {}
    for reading in together:
        key = reading["alert_id"], reading["minute"]
        earlier = by_minute.get(key)
        by_minute[key] = {
            **reading,
            "count": reading["count"] + (earlier["count"] if earlier else 0),
            "at": max(reading["at"], earlier["at"]) if earlier else reading["at"],
            # by its minute, so that all who add to the row look for it in the same slice
            "expires_at": reading["minute"] + timedelta(days=settings.MAINSTAY_RAW_DAYS),
        }
    rows = [by_minute[key] for key in sorted(by_minute)]
    insert_rows("monitoring_alertoccurrence", _COLUMNS, rows, clause=_ADD)
