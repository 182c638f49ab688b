"""How objectives stand, out of the rows: buckets, impact, planned work."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.errors import IllegalState, Invalid
from core.types import SYSTEM
from services.domain import indicators, maintenance, objectives
from services.domain.indicators import Sample
from services.domain.windows import month_of
from services.models import IndicatorBucket, Objective, ObjectiveBurn
from services.queries import uptime
from services.queries.maintenance import excluded
from services.queries.objectives import burn_down, rungs_of, standing_of, standings, tallies
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)


def availability(service=None, **fields):
    return make.objective(service, indicator="availability", unit="", **fields)


def plan(services, start, end, **fields):
    return maintenance.plan(
        services,
        title="Move to new disks",
        starts_at=start,
        ends_at=end,
        actor=SYSTEM,
        **{"now": start - HOUR, **fields},
    )


class TestEvents:
    def test_only_buckets_of_the_window_count(self):
        each = make.objective()
        make.bucket(each, NOW - 29 * DAY, 0, 500)
        make.bucket(each, NOW - 10 * DAY, 990, 1000)
        make.bucket(each, NOW - DAY, 9_000, 9_000)
        found = standing_of(each, NOW)
        assert (found.tally.total, found.tally.bad, found.budget) == (10_000, 10, 10)
        assert found.state == "exhausted"

    def test_a_month_begins_at_its_zones_midnight(self):
        each = make.objective(window="calendar_month", zone="Asia/Kathmandu")
        midnight = datetime(2026, 2, 28, 18, 15, tzinfo=UTC)
        make.bucket(each, midnight - 5 * MINUTE, 0, 100)
        make.bucket(each, midnight, 7, 8)
        assert standing_of(each, NOW).tally.total == 8

    def test_the_line_ends_where_the_standing_is(self):
        each = make.objective()
        for back, bad in ((20, 1), (9, 2), (1, 3)):
            make.bucket(each, NOW - back * DAY, 2_000 - bad, 2_000)
        found = standing_of(each, NOW)
        line = burn_down(each, found)
        assert line[0].left == 1
        assert line[-1].at == NOW
        assert line[-1].left == pytest.approx(1 - float(found.spent))
        assert all(one.left >= other.left for one, other in pairwise(line))

    def test_windows_of_the_rungs_are_summed_each(self):
        each = make.objective()
        make.bucket(each, NOW - 5 * MINUTE, 90, 100)
        make.bucket(each, NOW - 50 * MINUTE, 900, 1000)
        make.bucket(each, NOW - 2 * DAY, 5_000, 5_000)
        sums = tallies([each], NOW)[each.pk]
        assert {length: (tally.total, tally.bad) for length, tally in sums.items()} == {
            5 * MINUTE: (100, 10),
            30 * MINUTE: (100, 10),
            HOUR: (1100, 110),
            2 * HOUR: (1100, 110),
            6 * HOUR: (1100, 110),
            DAY: (1100, 110),
            3 * DAY: (6100, 110),
        }
        fastest = rungs_of(each, NOW)[0]
        assert (fastest.rates.long, fastest.rates.short, fastest.is_firing) == (100, 100, False)

    def test_many_cost_as_few_queries_as_one(self):
        def cost():
            known = list(Objective.objects.select_related("service"))
            with CaptureQueriesContext(connection) as seen:
                standings(known, NOW), tallies(known, NOW)
            return len(seen)

        make.objective(), availability()
        few = cost()
        for _ in range(3):
            make.objective(window="calendar_month"), availability(window="rolling_30d")
        assert cost() == few <= 6


class TestTime:
    def test_impact_counts_by_its_share(self):
        each = availability()
        make.impact(each.service, 30, before=DAY)
        make.impact(each.service, 20, before=DAY, share=50)  # within the worse one
        make.impact(each.service, 10, before=2 * DAY, share=50)
        found = standing_of(each, NOW)
        assert found.tally.bad == 35 * 60
        assert found.budget == 28 * 86_400 / Fraction(1000)

    def test_impact_that_goes_on_counts_until_now(self):
        each = availability()
        make.impact(each.service, 12, ends_at=None)
        assert standing_of(each, NOW).tally.bad == 12 * 60

    def test_planned_work_is_left_out_unless_the_objective_says_so(self):
        service = make.service()
        without, within = availability(service), availability(service, excludes_maintenance=False)
        make.impact(service, 60, before=DAY)
        plan([service], NOW - DAY - HOUR, NOW - DAY - HOUR / 2)
        assert standing_of(without, NOW).tally.bad == 30 * 60
        assert standing_of(within, NOW).tally.bad == 60 * 60

    def test_work_that_is_still_to_come_makes_the_months_budget_smaller(self):
        each = availability(window="calendar_month")
        whole = standing_of(each, NOW).budget
        assert whole == 31 * 86_400 / Fraction(1000)
        plan([each.service], NOW + DAY, NOW + DAY + HOUR)
        assert standing_of(each, NOW).budget == whole - Fraction(3600, 1000)

    def test_cancelled_work_counts_as_ordinary_time(self):
        service = make.service()
        window = plan([service], NOW + HOUR, NOW + 2 * HOUR, announced=True)
        assert excluded(service, NOW, NOW + DAY) != []
        maintenance.cancel(window, actor=SYSTEM, now=NOW)
        assert excluded(service, NOW, NOW + DAY) == []

    def test_only_announced_work_is_left_out_for_clients(self):
        service = make.service()
        plan([service], NOW, NOW + HOUR, announced=True)
        plan([service], NOW + 2 * HOUR, NOW + 3 * HOUR)
        found = excluded(service, NOW - DAY, NOW + DAY)
        assert [(piece.start, piece.end) for piece in found] == [(NOW, NOW + HOUR)]
        assert len(excluded(service, NOW - DAY, NOW + DAY, announced_only=False)) == 2


class TestMaintenance:
    def test_one_under_way_ends_when_it_is_cancelled(self):
        window = plan([make.service()], NOW - HOUR, NOW + HOUR)
        ended = maintenance.cancel(window, actor=SYSTEM, now=NOW)
        assert (ended.ends_at, ended.cancelled_at) == (NOW, None)
        assert ended.state_at(NOW) == "over"

    def test_one_that_is_over_stays(self):
        window = plan([make.service()], NOW - 2 * HOUR, NOW - HOUR)
        with pytest.raises(IllegalState):
            maintenance.cancel(window, actor=SYSTEM, now=NOW)

    @pytest.mark.parametrize(
        ("fields", "fault"),
        [
            ({"ends_at": NOW}, "ends_at"),
            ({"ends_at": NOW + 40 * DAY}, "ends_at"),
            ({"title": "  "}, "title"),
            ({"services": []}, "services"),
            ({"starts_at": NOW - 9 * DAY, "ends_at": NOW - 8 * DAY}, "ends_at"),
            ({"starts_at": NOW - HOUR, "ends_at": NOW + HOUR, "announced": True}, "announced"),
            ({"starts_at": datetime(1900, 1, 1, tzinfo=UTC)}, "starts_at"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, fields, fault):
        values = {
            "services": [make.service()],
            "title": "Work",
            "starts_at": NOW,
            "ends_at": NOW + HOUR,
            **fields,
        }
        with pytest.raises(Invalid) as refusal:
            maintenance.plan(values.pop("services"), **values, actor=SYSTEM, now=NOW)
        assert fault in refusal.value.fields


class TestSamples:
    def test_counts_of_the_same_five_minutes_add_up(self):
        each = make.objective()
        indicators.add(
            each, [Sample(NOW, good=9, total=10), Sample(NOW + 4 * MINUTE, good=5, total=5)], now=NOW
        )
        indicators.add(
            each, [Sample(NOW - 4 * MINUTE, good=0, total=1), Sample(NOW, good=1, total=1)], now=NOW
        )
        rows = IndicatorBucket.objects.order_by("starts_at").values_list("starts_at", "good", "total")
        assert list(rows) == [(NOW - 5 * MINUTE, 0, 1), (NOW, 15, 16)]

    @pytest.mark.parametrize(("direction", "good"), [("at_most", 2), ("at_least", 2)])
    def test_values_are_judged_by_their_threshold(self, direction, good):
        each = make.objective(indicator="samples", direction=direction, threshold=300.0, unit="ms")
        done = indicators.add(each, [Sample(NOW, value=each_) for each_ in (299.9, 300.0, 300.1)], now=NOW)
        assert (done.good, done.total, done.buckets) == (good, 3, 1)

    @pytest.mark.parametrize(
        ("sample", "fault"),
        [
            (Sample(NOW + 6 * MINUTE, good=1, total=1), "samples[1].at"),
            (Sample(NOW - 35 * DAY - MINUTE, good=1, total=1), "samples[1].at"),
            (Sample(NOW, good=2, total=1), "samples[1].good"),
            (Sample(NOW, good=-1, total=1), "samples[1].good"),
            (Sample(NOW, good=1, total=10**13), "samples[1].total"),
            (Sample(NOW, value=1.0), "samples[1].value"),
            (Sample(NOW), "samples[1]"),
        ],
    )
    def test_one_that_is_wrong_is_named_and_none_counts(self, sample, fault):
        each = make.objective()
        with pytest.raises(Invalid) as refusal:
            indicators.add(each, [Sample(NOW, good=1, total=1), sample], now=NOW)
        assert list(refusal.value.fields) == [fault]
        assert not IndicatorBucket.objects.exists()

    def test_late_ones_within_35_days_count(self):
        each = make.objective()
        indicators.add(each, [Sample(NOW - 20 * DAY, good=1, total=2)], now=NOW)
        assert standing_of(each, NOW).tally.bad == 1

    def test_numbers_that_are_none_are_refused(self):
        each = make.objective(indicator="samples", direction="at_most", threshold=1.0)
        with pytest.raises(Invalid):
            indicators.add(each, [Sample(NOW, value=float("nan"))], now=NOW)

    def test_a_bucket_does_not_overflow(self):
        each = make.objective()
        make.bucket(each, NOW, 0, 10**15)
        with pytest.raises(Invalid, match="more than"):
            indicators.add(each, [Sample(NOW, good=1, total=1)], now=NOW)

    def test_time_up_takes_no_samples(self):
        with pytest.raises(IllegalState):
            indicators.add(availability(), [Sample(NOW, good=1, total=1)], now=NOW)


class TestVerbs:
    @pytest.mark.parametrize(
        ("fields", "fault"),
        [
            ({"slug": "Not a slug"}, "slug"),
            ({"slug": "-a"}, "slug"),
            ({"name": " "}, "name"),
            ({"target": Decimal(100)}, "target"),
            ({"target": Decimal(0)}, "target"),
            ({"target": Decimal("99.9999")}, "target"),
            ({"target": Decimal("NaN")}, "target"),
            ({"zone": "Mars/Olympus"}, "zone"),
            ({"window": "week"}, "window"),
            ({"indicator": "feeling"}, "indicator"),
            ({"indicator": "samples"}, "threshold"),
            ({"indicator": "samples", "threshold": 1.0, "direction": "up"}, "direction"),
            ({"threshold": 1.0}, "threshold"),
            ({"at_risk_percent": 100}, "at_risk_percent"),
        ],
    )
    def test_what_does_not_fit_is_refused_by_name(self, fields, fault):
        with pytest.raises(Invalid) as refusal:
            make.objective(**fields)
        assert fault in refusal.value.fields
        assert not Objective.objects.exists()

    def test_two_have_no_name_in_common(self):
        make.objective(slug="api-up")
        with pytest.raises(Invalid) as refusal:
            make.objective(slug="api-up")
        assert refusal.value.fields == {"slug": "taken"}

    def test_a_model_of_another_service_is_refused(self):
        with pytest.raises(Invalid):
            make.objective(model=make.model(make.service()))

    def test_an_edit_that_changes_nothing_is_none(self):
        each = make.objective()
        ObjectiveBurn.objects.update(next_at=None)
        objectives.edit(each, {"name": each.name, "target": Decimal("99.900")}, actor=SYSTEM, now=NOW)
        assert not ObjectiveBurn.objects.filter(next_at=NOW).exists()

    def test_what_it_counts_stays(self):
        with pytest.raises(Invalid, match="another objective"):
            objectives.edit(make.objective(), {"indicator": "availability"}, actor=SYSTEM, now=NOW)

    def test_the_database_holds_the_bounds_too(self):
        each = make.objective()
        for change in ({"target": 100}, {"threshold": 5.0}, {"at_risk_percent": 0}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Objective.objects.filter(pk=each.pk).update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            make.bucket(each, NOW, 2, 1)
        with pytest.raises(DatabaseError), transaction.atomic():
            make.impact(each.service, 5, share=50, effect="down")


class TestUptime:
    february = month_of(datetime(2026, 2, 10).date(), "UTC")

    def test_of_a_service_with_and_without_planned_work(self):
        service = make.service()
        make.impact(service, 60, before=10 * DAY)
        plan([service], NOW - 10 * DAY - HOUR, NOW - 10 * DAY - HOUR / 2, announced=True)
        (row,) = uptime.of_services([service], self.february, NOW)
        assert (row.counted.total, row.counted.bad) == (28 * 86_400 - 1800, 1800)
        assert row.kept == 1 - Fraction(1800, 28 * 86_400 - 1800)
        (whole,) = uptime.of_services([service], self.february, NOW, exclude_announced=False)
        assert (whole.counted.total, whole.counted.bad) == (28 * 86_400, 3600)

    def test_this_month_counts_what_has_been(self):
        (row,) = uptime.of_services([make.service()], month_of(NOW.date(), "UTC"), NOW)
        assert row.counted.total == 3 * 86_400 + 8 * 3600
        assert row.kept == 1

    def test_a_month_to_come_has_none(self):
        (row,) = uptime.of_services([make.service()], month_of(datetime(2026, 5, 1).date(), "UTC"), NOW)
        assert row.kept is None

    def test_a_client_is_up_as_much_as_its_services_together(self):
        acme = make.client_()
        one, two = make.service(client=acme), make.service(client=acme)
        make.impact(one, 28 * 24 * 60 / 10, before=5 * DAY)
        rows = uptime.of_services([one, two], self.february, NOW)
        assert uptime.together(rows) == 1 - Fraction(1, 20)
