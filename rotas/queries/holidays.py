"""Public holidays as stretches of time: each from midnight to midnight in a zone."""

from datetime import datetime, time, timedelta
from functools import lru_cache

from core.zones import to_utc
from rotas.types import Stretch
from services.queries.hours import public_holidays


@lru_cache(maxsize=256)
def holiday_stretches(country: str, zone: str, first: int, last: int) -> tuple[Stretch, ...]:
    """The public holidays of a country (ISO 3166) in the years from `first` to `last`, both included; neighbours are one.

    Empty for no country and for one whose holidays are not known.
    """
    stretches: list[Stretch] = []
    for day in sorted(public_holidays(country, "", first, last)):
        start = to_utc(datetime.combine(day, time()), zone)
        end = to_utc(datetime.combine(day + timedelta(days=1), time()), zone)
        if stretches and stretches[-1][1] == start:
            start = stretches.pop()[0]
        stretches.append((start, end))
    return tuple(stretches)
