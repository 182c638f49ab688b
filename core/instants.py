"""Reading instants that come from outside."""

from datetime import UTC, datetime

from django.utils.dateparse import parse_datetime

from core.errors import Invalid

# What PostgreSQL, Python and people's calendars all know well.
_YEARS = range(1970, 2150)


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
