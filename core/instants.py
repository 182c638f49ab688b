"""Reading instants that come from outside."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from django.utils.dateparse import parse_datetime

from core.errors import Invalid

# What PostgreSQL, Python and people's calendars all know well, in every zone.
_YEARS: Final = range(1970, 2150)
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2150, 1, 1, tzinfo=UTC)
# A caller's clock may be ahead of ours by so much.
SKEW: Final = timedelta(minutes=5)


def read_instant(text: str, name: str) -> datetime:
    """An ISO instant with its zone, in UTC. Raises Invalid, naming the field, for anything else or a far year."""
    try:
        # a plus in a query string is a space unless it is escaped
        found = parse_datetime(text.strip().replace(" ", "+"))
        found = found.astimezone(UTC) if found is not None and found.tzinfo is not None else None
    except (ValueError, OverflowError):
        found = None
    if found is None or found.year not in _YEARS:
        raise Invalid(
            f"{name} is an instant with its zone, such as 2026-11-25T12:00:00Z.", fields={name: "unusable"}
        )
    return found


def check_known(name: str, at: datetime | None) -> None:
    """Raises Invalid, naming the field, for an instant before 1970 or from 2150 on, which not every zone can show."""
    if at is not None and not EARLIEST <= at < LATEST:
        raise Invalid(
            f"{name} lies outside the years 1970 to 2149.", fields={name: "outside the years 1970 to 2149"}
        )


def shown_in(at: datetime, zone: tzinfo) -> datetime:
    """The aware `at` by the clocks of `zone`; the first and last day of all calendars stay in the zone they have."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at
