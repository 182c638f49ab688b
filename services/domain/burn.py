"""How fast a budget burns, and when that is somebody's business. Pure.

A rate of 1 spends the budget exactly over its window. Rungs as in Google's Site Reliability Workbook, chapter 5,
“Multiwindow, Multi-Burn-Rate Alerts”: the long window says that it matters, the short one that it still goes on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from services.domain.budget import Tally, allowance

BUCKET = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Rung:
    """A rate that is too fast if it holds for `long`. `every`: how often it is looked at.

    `severity` is that of its alert: critical calls somebody, the others are work for the day.
    """

    name: str
    factor: Fraction
    long: timedelta
    short: timedelta
    severity: str
    every: timedelta

    @property
    def calls(self) -> bool:
        """Whether it is a page (else a ticket)."""
        return self.severity == "critical"


_MINUTE = timedelta(minutes=1)
RUNGS = (
    Rung("1h", Fraction("14.4"), timedelta(hours=1), timedelta(minutes=5), "critical", _MINUTE),
    Rung("6h", Fraction(6), timedelta(hours=6), timedelta(minutes=30), "critical", _MINUTE),
    Rung("1d", Fraction(3), timedelta(days=1), timedelta(hours=2), "warning", 5 * _MINUTE),
    Rung("3d", Fraction(1), timedelta(days=3), timedelta(hours=6), "info", 5 * _MINUTE),
)
BY_NAME: Mapping[str, Rung] = {rung.name: rung for rung in RUNGS}
LENGTHS: tuple[timedelta, ...] = tuple(
    sorted({length for rung in RUNGS for length in (rung.long, rung.short)})
)


@dataclass(frozen=True, slots=True)
class Rates:
    """How fast it burns over the long and the short window of a rung; None where nothing was counted."""

    long: Fraction | None
    short: Fraction | None


def rate(tally: Tally, target: Decimal) -> Fraction | None:
    """The share that was bad over the share that may be; None where nothing was counted."""
    return tally.bad / tally.total / allowance(target) if tally.total else None


def rates(rung: Rung, tallies: Mapping[timedelta, Tally], target: Decimal) -> Rates:
    """A rung's two rates out of the tallies of all window lengths."""
    return Rates(rate(tallies[rung.long], target), rate(tallies[rung.short], target))


def fires(rung: Rung, now: Rates, *, firing: bool) -> bool:
    """Whether a rung burns: it begins where both windows exceed its factor, and ends where the short one does not.

    While nothing at all is counted in the short window it stays as it is: silence is no recovery. It ends then with
    the long window.
    """
    long = now.long is not None and now.long > rung.factor
    if now.short is None:
        return firing and long
    short = now.short > rung.factor
    return short if firing else long and short


def bucket_of(at: datetime) -> datetime:
    """The beginning (UTC) of the five minutes in which an instant lies."""
    at = at.astimezone(UTC)
    return at - timedelta(minutes=at.minute % 5, seconds=at.second, microseconds=at.microsecond)


def since(length: timedelta, now: datetime) -> datetime:
    """From which bucket on a window of that length is summed: whole buckets, the running one comes on top.

    The running bucket is never full; were it the whole of a short window, that would often be empty.
    """
    return bucket_of(now) - length
