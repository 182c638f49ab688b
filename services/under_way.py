"""What planned work says of services now: one of those who know how a service is (`services.health`)."""

from collections.abc import Collection, Mapping

from django.db.models.expressions import RawSQL

from core import clock
from services.health import register
from services.queries.maintenance import under_way
from services.types import Truth


def by_the_clock(service_ids: Collection[int]) -> Mapping[int, Truth]:
    """Services that are being worked on at this moment, by the database's clock. One query."""
    return under_way(service_ids, RawSQL(clock.in_sql(), []))  # noqa: S611 - our own expression


register("maintenance", by_the_clock)
