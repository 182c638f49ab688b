"""How a due time comes about: which opening hours a target goes through."""

from dataclasses import dataclass
from datetime import datetime

from core import calendars
from core.errors import IllegalState, Invalid
from services.models import BusinessCalendar
from services.queries.agreement import hours_around

MOST_SECONDS = 366 * 24 * 3600
MOST_STRETCHES = 400


@dataclass(frozen=True, slots=True)
class Explanation:
    """`due` is when `seconds` of business time after `start` are used up; `stretches` add up to them."""

    start: datetime
    seconds: int
    due: datetime
    zone: str
    stretches: list[calendars.Frame]


def explain(calendar: BusinessCalendar, start: datetime, seconds: int) -> Explanation:
    """The due time of a target and the opening hours before it, at most the first 400 of them.

    Raises Invalid for a start without a zone or a target outside 0 s to 366 days, IllegalState for a calendar
    that never has so much open time.
    """
    if start.tzinfo is None:
        raise Invalid(
            "The start needs its zone, such as 2026-03-04T08:00:00Z.", fields={"start": "without a zone"}
        )
    if not 0 <= seconds <= MOST_SECONDS:
        raise Invalid("seconds is a number from 0 to 31622400.", fields={"seconds": "0 to 31622400"})
    if not 2000 <= start.year <= 2100:
        raise Invalid("The start lies between 2000 and 2100.", fields={"start": "2000 to 2100"})
    hours = hours_around(calendar, start)
    try:
        due = calendars.add(hours, start, seconds)
    except calendars.NeverOpen:
        raise IllegalState("This calendar never has so much open time.", code="never_open") from None
    return Explanation(start, seconds, due, hours.zone, calendars.explain(hours, start, due)[:MOST_STRETCHES])
