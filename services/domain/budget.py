"""Arithmetic of error budgets. Pure: what happened in, how the budget stands out.

The budget is what an objective leaves of 100 %: `(1 - target) × total`, in events, or in seconds for time up
(Google, Site Reliability Engineering, chapter 4; The Site Reliability Workbook, chapters 2 and 5). Everything is
reckoned in fractions, so that nothing is lost to rounding.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from core.intervals import Interval, clip, subtract, total, union
from services.choices import BudgetState
from services.domain.windows import Window

# By how fast it was spent in this time, ending now, the forecast goes on.
RECENT = timedelta(days=3)
_MICROSECOND = timedelta(microseconds=1)
_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in which a share of requests (0 to 1) failed."""

    when: Interval[datetime]
    share: Fraction


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted, and how much of it was bad: events, or seconds."""

    total: Fraction = _ZERO
    bad: Fraction = _ZERO


@dataclass(frozen=True, slots=True)
class Standing:
    """How a budget stands in its window. Figures are events, or seconds where time is counted.

    `tally` is what has been, `budget` what may be bad over the whole window, `exhausts_at` when the budget is gone if
    it is spent on as in the last three days; None where it then lasts, or is gone already.
    """

    window: Window
    tally: Tally
    budget: Fraction
    state: BudgetState
    exhausts_at: datetime | None

    @property
    def left(self) -> Fraction:
        """What may still be bad; negative once it is overspent."""
        return self.budget - self.tally.bad

    @property
    def spent(self) -> Fraction:
        """Which part of the budget is gone: 0 to 1, above 1 once it is overspent."""
        return self.tally.bad / self.budget if self.budget else _ZERO

    @property
    def kept(self) -> Fraction | None:
        """Which part was good so far; None where nothing was counted."""
        return 1 - self.tally.bad / self.tally.total if self.tally.total else None


def allowance(target: Decimal) -> Fraction:
    """The part that may be bad: 99.9 leaves 1/1000."""
    return 1 - Fraction(target) / 100


def seconds(length: timedelta) -> Fraction:
    """A length of time, exactly."""
    return Fraction(length // _MICROSECOND, 1_000_000)


def failing(spells: Iterable[Spell], within: Iterable[Interval[datetime]]) -> Fraction:
    """Seconds that failed inside `within`, each moment by the worst share of the spells that cover it.

    A minute at half counts half. What two spells cover counts once.
    """
    room, known = union(within), list(spells)
    found = _ZERO
    for share in sorted({spell.share for spell in known}, reverse=True):
        here = [
            piece
            for open_ in room
            for piece in clip((s.when for s in known if s.share == share), open_.start, open_.end)
        ]
        found += share * seconds(total(here))
        room = subtract(room, here)  # what the worse share has taken is no one else's
    return found


def counted(span: Interval[datetime], planned: Iterable[Interval[datetime]]) -> list[Interval[datetime]]:
    """`span` without the planned work in it."""
    return subtract([span], planned)


def time_tally(
    span: Interval[datetime], spells: Iterable[Spell], planned: Iterable[Interval[datetime]] = ()
) -> Tally:
    """Seconds of `span` that count, and how many of them failed; planned work counts as neither."""
    open_ = counted(span, planned)
    return Tally(seconds(total(open_)), failing(spells, open_))


def standing(
    window: Window,
    tally: Tally,
    target: Decimal,
    *,
    promised: Fraction | None = None,
    recent: Fraction = _ZERO,
    at_risk_percent: int = 75,
) -> Standing:
    """How the budget stands.

    `promised` is what the whole window will have counted where that is known beforehand (time); events are only known
    as they come, so the budget is of what came. `recent` is what was bad in the last RECENT, or since the window began.
    """
    budget = allowance(target) * (tally.total if promised is None else promised)
    left = budget - tally.bad
    if not budget:
        state = BudgetState.NO_DATA
    elif left <= 0:
        state = BudgetState.EXHAUSTED
    else:
        spent = tally.bad / budget
        state = BudgetState.AT_RISK if spent * 100 >= at_risk_percent else BudgetState.HEALTHY
    return Standing(window, tally, budget, state, _exhausts_at(window, left, recent))


def recent_span(window: Window) -> Interval[datetime]:
    """The time by which the forecast is made."""
    return Interval(max(window.start, window.now - RECENT), window.now)


def _exhausts_at(window: Window, left: Fraction, recent: Fraction) -> datetime | None:
    took = recent_span(window).length
    if left <= 0 or recent <= 0 or took <= timedelta(0):
        return None
    # compared before it is a time: a budget may last for more years than a calendar has
    lasts = left * seconds(took) / recent
    room = window.whole.length if window.is_rolling else window.end - window.now
    return window.now + timedelta(seconds=float(lasts)) if lasts < seconds(room) else None
