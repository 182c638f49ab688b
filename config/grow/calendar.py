"""When the incidents of years happened: more from year to year, heavy Mondays and Novembers, a storm now and then. Pure."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate

from config.demo.plan import HOURS, WEEK

# Load of a month, January first: quiet summers, and the sales of November.
MONTHS = [1.0, 0.95, 1.0, 1.0, 0.95, 0.9, 0.85, 0.82, 1.0, 1.08, 1.3, 1.15]
GROWTH = 1.6  # the last year's load by the first one's
STORM_SHARE, STORM = 0.012, 3.5
_HOURS = list(accumulate(HOURS))


def openings(chance: random.Random, count: int, first: datetime, last: datetime) -> Iterator[datetime]:
    """`count` instants from `first` to `last` (UTC), oldest first."""
    days = max(1, (last - first).days)
    loads = [_load(chance, first + timedelta(days=day), day / days) for day in range(days)]
    share = count / sum(loads)
    reached, given = 0.0, 0
    for day, load in enumerate(loads):
        reached += load * share
        here = count - given if day == days - 1 else round(reached) - given
        given += here
        midnight = (first + timedelta(days=day)).replace(hour=0, minute=0, second=0, microsecond=0)
        yield from sorted(midnight + _time_of_day(chance) for _ in range(here))


def _load(chance: random.Random, day: datetime, progress: float) -> float:
    load = WEEK[day.weekday()] * MONTHS[day.month - 1] * (1 + (GROWTH - 1) * progress)
    return load * chance.lognormvariate(0, 0.15) * (STORM if chance.random() < STORM_SHARE else 1)


def _time_of_day(chance: random.Random) -> timedelta:
    hour = chance.choices(range(24), cum_weights=_HOURS)[0]
    return timedelta(hours=hour, microseconds=int(chance.random() * 3_600_000_000))
