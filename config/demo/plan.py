"""What happened to one incident of the history: times drawn from distributions, no rows yet."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log

from config.demo import words

DAYS = 120
COUNT = 540
# Medians in minutes: to acknowledge, to resolve; and the spread (sigma of the logarithm).
ACKNOWLEDGE = {"SEV1": (1.9, 0.6), "SEV2": (5.5, 0.65), "SEV3": (19, 0.75), "SEV4": (60, 0.9)}
RESOLVE = {"SEV1": (44, 0.55), "SEV2": (105, 0.6), "SEV3": (430, 0.7), "SEV4": (1100, 0.7)}
# Load of a UTC hour and of a weekday: clients' mornings and Mondays are heavy, weekends light.
HOURS = [4, 4, 6, 7, 9, 9, 8, 8, 9, 10, 9, 8, 8, 9, 10, 9, 8, 7, 6, 5, 5, 4, 4, 4]
WEEK = [12, 10, 10, 9, 10, 5, 5]


@dataclass(frozen=True, slots=True)
class Past:
    """One ended incident. Instants in UTC; `hold` is the stretch in which it waited for the client."""

    slug: str
    severity: str
    title: str
    alert: str
    opened: datetime
    acknowledged: datetime | None
    mitigated: datetime | None
    ended: datetime
    closed: datetime | None
    cancelled: bool
    by_alert: bool
    handed_to_l2: bool
    hold: tuple[datetime, datetime] | None
    resolution: str


def pasts(chance: random.Random, now: datetime) -> list[Past]:
    """The history, oldest first; all of it ended before `now`."""
    found = [past for past in _draw(chance, now) if past.ended < now - timedelta(minutes=10)]
    return sorted(found, key=lambda past: past.opened)


def _draw(chance: random.Random, now: datetime) -> Iterator[Past]:
    days = [now - timedelta(days=back) for back in range(DAYS, -1, -1)]
    weights = [WEEK[day.weekday()] for day in days]
    midnight = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}
    for _ in range(COUNT):
        day = chance.choices(days, weights)[0].replace(**midnight)  # type: ignore[arg-type]
        hour = chance.choices(range(24), HOURS)[0]
        opened = day + timedelta(hours=hour, seconds=chance.randrange(3600))
        yield draw(chance, opened)


def draw(chance: random.Random, opened: datetime) -> Past:
    """What happened to an incident that was opened then."""
    slug = chance.choices(list(words.WEIGHTS), list(words.WEIGHTS.values()))[0]
    troubles = words.TROUBLES[slug]
    weights = [words.SEVERITY_WEIGHTS[severity] for severity, _title, _alert in troubles]
    severity, title, alert = chance.choices(troubles, weights)[0]
    acknowledged = opened + _minutes(chance, *ACKNOWLEDGE[severity])
    worked = _minutes(chance, *RESOLVE[severity])
    ended = max(opened + worked, acknowledged + timedelta(minutes=chance.randint(4, 30)))
    hold = None
    if severity in {"SEV2", "SEV3"} and chance.random() < 0.14:
        starts = acknowledged + (ended - acknowledged) * 0.4
        stops = starts + timedelta(minutes=chance.randint(40, 900))
        hold, ended = (starts, stops), ended + (stops - starts)
    if chance.random() < 0.045:
        seen = chance.random() < 0.5
        over = acknowledged + timedelta(minutes=chance.randint(2, 20))
        taken = acknowledged if seen else None
        return Past(
            slug, severity, title, alert, opened, taken, None, over, None, True, False, False, None, ""
        )
    mitigated = None
    if severity in {"SEV1", "SEV2"} and chance.random() < 0.8 and hold is None:
        mitigated = acknowledged + (ended - acknowledged) * chance.uniform(0.35, 0.8)
    closed = ended + timedelta(hours=chance.uniform(2, 60))
    return Past(
        slug=slug,
        severity=severity,
        title=title,
        alert=alert,
        opened=opened,
        acknowledged=acknowledged,
        mitigated=mitigated,
        ended=ended,
        closed=closed if chance.random() < 0.93 else None,
        cancelled=False,
        by_alert=chance.random() < 0.8,
        handed_to_l2=severity in {"SEV1", "SEV2"} or chance.random() < 0.2,
        hold=hold,
        resolution=chance.choices(list(words.ENDING_WEIGHTS), list(words.ENDING_WEIGHTS.values()))[0],
    )


def _minutes(chance: random.Random, median: float, sigma: float) -> timedelta:
    return timedelta(seconds=round(60 * chance.lognormvariate(log(median), sigma)))
