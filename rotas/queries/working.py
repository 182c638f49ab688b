"""Who is at work at an instant: on their own clock, by day, on a weekday that is no public holiday."""

from datetime import datetime

from accounts.models import User
from core.zones import to_local
from rotas.domain.workload import Limits
from services.queries.hours import public_holidays

_DAY = Limits()


def works_now(user: User, at: datetime) -> bool:
    """Whether it is a working hour where this person is: from the beginning of day to that of evening."""
    local = to_local(at, user.zone)
    if local.weekday() >= 5 or _DAY.part_of(local) != "day":
        return False
    return user.site is None or local.date() not in public_holidays(
        user.site.country, "", local.year, local.year
    )
