"""How fast an integration sends, and when that is a storm. Pure: counts and times in, an answer out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """Alerts of one integration in the minute that begins at `minute`, and in the one before it.

    `rate` is what it may send in a minute before its alerts are counted together.
    """

    rate: int
    minute: datetime
    this: int = 0
    last: int = 0

    def plus(self, alerts: int) -> "Pace":
        """With so many more in this minute."""
        return replace(self, this=self.this + alerts)

    def seen_at(self, now: datetime) -> "Pace":
        """As it stands at `now`: a minute later this minute is the last one, two minutes later both are gone."""
        minute = minute_of(now)
        if minute <= self.minute:
            return self
        return replace(self, minute=minute, this=0, last=self.this if minute == self.minute + MINUTE else 0)


def minute_of(at: datetime) -> datetime:
    """The beginning of the minute in which `at` lies."""
    return at.replace(second=0, microsecond=0)


def is_storm(pace: Pace, now: datetime) -> bool:
    """Whether it is over its rate: in this minute, or in the whole of the last one.

    So a storm lasts until a full minute stayed within the rate, and doesn't begin anew at every full minute.
    """
    seen = pace.seen_at(now)
    return seen.this > seen.rate or seen.last > seen.rate
