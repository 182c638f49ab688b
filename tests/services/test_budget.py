"""Arithmetic of error budgets: against a count moment by moment, in months whose clocks change, over and over."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.intervals import Interval
from services.domain.budget import (
    Spell,
    Tally,
    allowance,
    failing,
    seconds,
    standing,
    time_tally,
)
from services.domain.burn import BY_NAME, LENGTHS, RUNGS, Rates, bucket_of, fires, rate, since
from services.domain.windows import Window, days_of, month_of, window_at

ZERO = datetime(2026, 3, 1, tzinfo=UTC)
ZONES = ["UTC", "Europe/Berlin", "America/Santiago", "Asia/Kathmandu"]
HALF, ALL = Fraction(1, 2), Fraction(1)


def at(minutes: float) -> datetime:
    return ZERO + timedelta(minutes=minutes)


def between(start: float, end: float) -> Interval:
    return Interval(at(start), at(end))


def spell(start: float, end: float, share: Fraction = ALL) -> Spell:
    return Spell(between(start, end), share)


def minutes(found: Fraction) -> Fraction:
    return found / 60


pieces = st.tuples(st.integers(-5, 60), st.integers(0, 30)).map(lambda p: between(p[0], p[0] + p[1]))
shares = st.sampled_from([Fraction(1, 10), Fraction(1, 4), HALF, ALL])
spells = st.lists(st.builds(Spell, pieces, shares), max_size=6)


class TestFailing:
    def test_a_minute_at_half_counts_half(self):
        assert minutes(failing([spell(0, 10, HALF)], [between(0, 60)])) == 5

    def test_the_worst_share_wins_where_two_overlap(self):
        both = [spell(0, 10, HALF), spell(4, 6)]
        assert minutes(failing(both, [between(0, 60)])) == 2 + 8 * HALF

    def test_what_lies_outside_counts_nothing(self):
        assert failing([spell(-10, 0), spell(60, 70)], [between(0, 60)]) == 0

    @given(spells, st.lists(pieces, max_size=4))
    def test_it_is_what_counting_minute_by_minute_gives(self, known, within):
        by_minute = Fraction(0)
        for minute in range(-5, 95):
            moment = at(minute)
            if any(moment in piece for piece in within):
                by_minute += max((each.share for each in known if moment in each.when), default=Fraction(0))
        assert minutes(failing(known, within)) == by_minute

    @given(spells, spells, st.lists(pieces, max_size=4))
    def test_more_trouble_never_counts_less_nor_more_than_its_sum(self, some, more, within):
        together = failing([*some, *more], within)
        assert failing(some, within) <= together <= failing(some, within) + failing(more, within)

    @given(spells, st.lists(pieces, max_size=4))
    def test_planned_work_takes_away_from_both_sides(self, known, planned):
        whole, rest = time_tally(between(0, 60), known), time_tally(between(0, 60), known, planned)
        assert 0 <= rest.bad <= rest.total <= whole.total == 3600
        assert rest.bad <= whole.bad


class TestWindows:
    def test_a_rolling_window_ends_now(self):
        window = window_at("rolling_28d", "UTC", ZERO)
        assert (window.start, window.end, window.gone) == (ZERO - timedelta(days=28), ZERO, 1.0)

    @pytest.mark.parametrize(
        ("zone", "now", "hours"),
        [
            ("Europe/Berlin", datetime(2026, 3, 20, tzinfo=UTC), 31 * 24 - 1),
            ("Europe/Berlin", datetime(2026, 10, 20, tzinfo=UTC), 31 * 24 + 1),
            ("Asia/Kathmandu", datetime(2026, 3, 20, tzinfo=UTC), 31 * 24),
            ("America/Bogota", datetime(2026, 2, 10, tzinfo=UTC), 28 * 24),
        ],
    )
    def test_a_month_is_as_long_as_its_clocks_make_it(self, zone, now, hours):
        assert window_at("calendar_month", zone, now).whole.length == timedelta(hours=hours)

    def test_a_month_begins_at_its_own_midnight(self):
        late_in_february = datetime(2026, 2, 28, 19, 0, tzinfo=UTC)  # 00:45 on 1 March in Kathmandu
        window = window_at("calendar_month", "Asia/Kathmandu", late_in_february)
        assert window.start == datetime(2026, 2, 28, 18, 15, tzinfo=UTC)
        assert window.past.length == timedelta(minutes=45)

    @given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)), st.sampled_from(ZONES))
    def test_months_follow_one_another_and_days_fill_them(self, naive, zone):
        now = naive.replace(tzinfo=UTC)
        window = window_at("calendar_month", zone, now)
        assert window.start <= now < window.end
        assert month_of((window.end + timedelta(days=2)).date(), zone).start == window.end
        days = days_of(window.start, window.end, zone)
        assert days[0].start == window.start
        assert days[-1].end == window.end
        assert all(one.end == other.start for one, other in pairwise(days))
        assert 28 <= len(days) <= 31


class TestStanding:
    month = Window(ZERO, ZERO + timedelta(days=30), ZERO + timedelta(days=10))

    def time(self, bad_minutes: int, target: str = "99.9", **more):
        tally = Tally(seconds(timedelta(days=10)), Fraction(bad_minutes * 60))
        whole = seconds(timedelta(days=30))
        return standing(self.month, tally, Decimal(target), promised=whole, **more)

    def test_three_nines_of_thirty_days_leave_43_minutes_and_12_seconds(self):
        assert self.time(0).budget == 43 * 60 + 12

    @pytest.mark.parametrize(
        ("bad", "state"),
        [(0, "healthy"), (32, "healthy"), (33, "at_risk"), (43, "at_risk"), (44, "exhausted")],
    )
    def test_it_is_at_risk_once_three_quarters_are_spent(self, bad, state):
        assert self.time(bad).state == state

    def test_what_is_overspent_is_below_nothing(self):
        found = self.time(54)
        assert found.spent == Fraction(54 * 60, 43 * 60 + 12) == Fraction(5, 4)
        assert found.left == -(10 * 60 + 48)
        assert found.exhausts_at is None

    def test_events_have_the_budget_of_what_came(self):
        found = standing(self.month, Tally(Fraction(200_000), Fraction(50)), Decimal("99.95"))
        assert (found.budget, found.left, found.spent, found.state) == (100, 50, HALF, "healthy")
        assert found.kept == 1 - Fraction(50, 200_000)

    def test_exactly_all_spent_leaves_nothing(self):
        assert standing(self.month, Tally(Fraction(1000), Fraction(1)), Decimal("99.9")).state == "exhausted"

    def test_nothing_counted_is_neither_good_nor_bad(self):
        found = standing(self.month, Tally(), Decimal("99.9"))
        assert (found.state, found.kept, found.spent) == ("no_data", None, 0)

    def test_the_forecast_goes_on_as_in_the_last_three_days(self):
        found = self.time(20, recent=Fraction(12 * 60))  # 4 min a day; 23.2 min are left
        assert found.exhausts_at == self.month.now + timedelta(days=5.8)

    def test_a_budget_that_lasts_has_no_forecast(self):
        assert self.time(20, recent=Fraction(60)).exhausts_at is None
        assert self.time(20).exhausts_at is None

    @given(st.integers(1, 10**9), st.integers(0, 10**6), st.integers(1, 99_999))
    def test_spent_and_left_tell_the_same(self, total, bad, thousandths):
        target = Decimal(thousandths) / 1000
        found = standing(self.month, Tally(Fraction(total), Fraction(min(bad, total))), target)
        assert found.left == found.budget * (1 - found.spent)
        assert (found.state == "exhausted") == (found.spent >= 1)
        assert found.budget == total * allowance(target)


class TestBurning:
    target = Decimal("99.9")

    def test_a_rate_of_one_spends_it_over_the_window(self):
        assert rate(Tally(Fraction(1000), Fraction(1)), self.target) == 1

    def test_nothing_counted_has_no_rate(self):
        assert rate(Tally(), self.target) is None

    def test_the_rungs_are_those_of_the_workbook(self):
        assert [(float(rung.factor), rung.name, rung.short, rung.calls) for rung in RUNGS] == [
            (14.4, "1h", timedelta(minutes=5), True),
            (6.0, "6h", timedelta(minutes=30), True),
            (3.0, "1d", timedelta(hours=2), False),
            (1.0, "3d", timedelta(hours=6), False),
        ]
        assert LENGTHS[0] == timedelta(minutes=5)
        assert LENGTHS[-1] == timedelta(days=3)

    @pytest.mark.parametrize(
        ("long", "short", "firing", "result"),
        [
            (15, 15, False, True),
            (15, 14, False, False),
            (14, 15, False, False),
            ("14.4", 20, False, False),  # exactly at it is not above it
            (15, 15, True, True),
            (10, 15, True, True),
            (15, 14, True, False),
            (15, None, False, False),
            (15, None, True, True),
            (14, None, True, False),
            (None, None, True, False),
        ],
    )
    def test_it_begins_by_both_and_ends_by_the_short_one(self, long, short, firing, result):
        now = Rates(*(None if each is None else Fraction(each) for each in (long, short)))
        assert fires(BY_NAME["1h"], now, firing=firing) is result

    def test_a_bucket_is_five_minutes_of_utc(self):
        moment = datetime.fromisoformat("2026-03-04T12:49:59.9+05:45")
        assert bucket_of(moment) == datetime(2026, 3, 4, 7, 0, tzinfo=UTC)
        assert since(timedelta(minutes=5), at(12)) == at(5)
