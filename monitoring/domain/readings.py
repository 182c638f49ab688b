"""Keeping readings: each by itself, or in a storm one row for an alert and minute."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from monitoring.domain.pace import minute_of
from monitoring.models import AlertOccurrence

_ADD = """
INSERT INTO monitoring_alertoccurrence AS o
    (alert_id, delivery_id, status, at, event_at, note, expires_at, minute, count)
SELECT alert, %(delivery)s, status, %(at)s, event_at, note, %(expires_at)s, %(minute)s, readings
FROM unnest(%(alerts)s::bigint[], %(statuses)s::text[], %(events)s::timestamptz[], %(notes)s::text[],
    %(counts)s::int[]) AS given (alert, status, event_at, note, readings)
ON CONFLICT (alert_id, minute, expires_at) WHERE minute IS NOT NULL DO UPDATE SET
    delivery_id = excluded.delivery_id,
    status = excluded.status,
    at = GREATEST(o.at, excluded.at),
    event_at = excluded.event_at,
    note = excluded.note,
    count = o.count + excluded.count
"""


def keep(single: list[AlertOccurrence], together: Iterable[AlertOccurrence]) -> None:
    """Store the readings of one post: `single` as they are, `together` added to their alert's minute."""
    AlertOccurrence.objects.bulk_create(single, batch_size=500)
    by_alert: dict[int, AlertOccurrence] = {}
    for reading in together:
        earlier = by_alert.get(reading.alert_id)
        reading.count += earlier.count if earlier else 0
        by_alert[reading.alert_id] = reading
    if by_alert:
        _add([by_alert[alert] for alert in sorted(by_alert)])


def _add(readings: list[AlertOccurrence]) -> None:
    """All of one post, so they share its delivery and time of arrival."""
    first = readings[0]
    at: datetime = first.at
    values: dict[str, Any] = {
        "delivery": first.delivery_id,
        "at": at,
        "minute": minute_of(at),
        # by its minute, so that all who add to the row look for it in the same slice
        "expires_at": minute_of(at) + timedelta(days=settings.MAINSTAY_RAW_DAYS),
        "alerts": [reading.alert_id for reading in readings],
        "statuses": [reading.status for reading in readings],
        "events": [reading.event_at for reading in readings],
        "notes": [reading.note for reading in readings],
        "counts": [reading.count for reading in readings],
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADD, values)
