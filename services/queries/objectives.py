"""How objectives stand: budgets, their course day by day, and how fast they burn."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet, Sum

from core.intervals import Interval, clip
from core.rowsets import as_json
from services.domain.budget import (
    Spell,
    Standing,
    Tally,
    counted,
    failing,
    recent_span,
    seconds,
    standing,
    time_tally,
)
from services.domain.burn import LENGTHS, RUNGS, Rates, Rung, rates, since
from services.domain.windows import Window, days_of, window_at
from services.models import IndicatorBucket, Objective, ObjectiveBurn
from services.queries.impact import spells
from services.queries.maintenance import planned
from services.queries.visible import services_visible_to

Bad = Callable[[Interval[datetime]], Fraction]
WORST_FIRST = ("-spent_permille", "pk")
_SUMS = """
SELECT asked.id, sum(b.total), sum(b.total - b.good),
    COALESCE(sum(b.total - b.good) FILTER (WHERE b.starts_at >= asked.recent), 0)
FROM json_to_recordset(%s::json) AS asked (id bigint, since timestamptz, recent timestamptz)
JOIN services_indicatorbucket b ON b.objective_id = asked.id AND b.starts_at >= asked.since AND b.starts_at < %s
GROUP BY asked.id
"""


@dataclass(frozen=True, slots=True)
class Point:
    """The end of a day: which part of the budget was left (below 0 once it is overspent)."""

    at: datetime
    left: float


@dataclass(frozen=True, slots=True)
class RungNow:
    """A rung of an objective: its two rates now, and whether its alert fires, since when."""

    rung: Rung
    rates: Rates
    is_firing: bool
    since: datetime | None


@dataclass(frozen=True, slots=True)
class _Past:
    """Impact and planned work of some services over some time."""

    impact: Mapping[int, list[Spell]]
    work: Mapping[int, list[Interval[datetime]]]

    def of(self, objective: Objective) -> tuple[list[Spell], list[Interval[datetime]]]:
        work = self.work.get(objective.service_id, []) if objective.excludes_maintenance else []
        return self.impact.get(objective.service_id, []), work


def objectives_visible_to(user: object) -> QuerySet[Objective]:
    """Objectives of the services this person may see."""
    return Objective.objects.filter(service__in=services_visible_to(user))


def standings(objectives: Iterable[Objective], now: datetime) -> dict[int, Standing]:
    """How each of these objectives stands at `now`, by key. Three queries at most, however many they are."""
    known = list(objectives)
    windows = {each.pk: window_at(each.window, each.zone, now) for each in known}
    counting = [each for each in known if not each.counts_time]
    timed = [each for each in known if each.counts_time]
    sums = _sums({each.pk: windows[each.pk] for each in counting})
    past = _past(timed, [windows[each.pk] for each in timed])
    found = {}
    for each in counting:
        tally, recent = sums.get(each.pk, (Tally(), Fraction(0)))
        found[each.pk] = standing(
            windows[each.pk], tally, each.target, recent=recent, at_risk_percent=each.at_risk_percent
        )
    for each in timed:
        found[each.pk] = _time_standing(each, windows[each.pk], past)
    return found


def standing_of(objective: Objective, now: datetime) -> Standing:
    """How one objective stands at `now`."""
    return standings([objective], now)[objective.pk]


def burn_down(objective: Objective, now_standing: Standing) -> list[Point]:
    """What was left of the budget at the end of each day of the window so far, by the objective's zone.

    The last point is now; the line falls to where the standing is. Begins at the window's start with all of it.
    """
    window, budget = now_standing.window, now_standing.budget
    days = days_of(window.past.start, window.past.end, objective.zone)
    if not days:
        return [Point(window.start, 1.0)]
    bad = _bad_by_time(objective, window) if objective.counts_time else _bad_by_count(objective, days)
    points, spent = [Point(window.start, 1.0)], Fraction(0)
    for day, lost in zip(days, (bad(day) for day in days), strict=True):
        spent += lost
        points.append(Point(day.end, float(1 - spent / budget) if budget else 1.0))
    return points


def tallies(
    objectives: Iterable[Objective], now: datetime, lengths: Collection[timedelta] = LENGTHS
) -> dict[int, dict[timedelta, Tally]]:
    """What each objective counted in windows of these lengths that end at `now`. Three queries at most."""
    known = list(objectives)
    found = _tallies_by_count([each.pk for each in known if not each.counts_time], now, lengths)
    timed = [each for each in known if each.counts_time]
    past = _past(timed, [Window(now - max(lengths), now, now)] if timed else [])
    for each in timed:
        impact, work = past.of(each)
        found[each.pk] = {length: time_tally(Interval(now - length, now), impact, work) for length in lengths}
    return found


def rungs_of(objective: Objective, now: datetime) -> list[RungNow]:
    """The rungs of an objective with their rates now, the fastest first."""
    sums = tallies([objective], now)[objective.pk]
    states = {burn.rung: burn for burn in ObjectiveBurn.objects.filter(objective=objective)}
    found = []
    for rung in RUNGS:
        burn = states.get(rung.name)
        firing = burn is not None and burn.is_firing
        found.append(
            RungNow(
                rung, rates(rung, sums, objective.target), firing, burn.since if burn and firing else None
            )
        )
    return found


def last_buckets(objective: Objective, count: int = 12) -> list[IndicatorBucket]:
    """The newest buckets of an objective, the newest first."""
    return list(IndicatorBucket.objects.filter(objective=objective).order_by("-starts_at")[:count])


def _sums(windows: Mapping[int, Window]) -> dict[int, tuple[Tally, Fraction]]:
    """Events of each objective in its window, and how many were bad lately. The running bucket counts whole."""
    if not windows:
        return {}
    asked = [
        {"id": key, "since": window.start, "recent": recent_span(window).start}
        for key, window in windows.items()
    ]
    until = max(window.now for window in windows.values())
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, [as_json(asked), until])
        return {
            key: (Tally(Fraction(int(whole)), Fraction(int(bad))), Fraction(int(recent)))
            for key, whole, bad, recent in cursor.fetchall()
        }


def _tallies_by_count(
    keys: Collection[int], now: datetime, lengths: Collection[timedelta]
) -> dict[int, dict[timedelta, Tally]]:
    found = {key: dict.fromkeys(lengths, Tally()) for key in keys}
    if not found:
        return found
    rows = IndicatorBucket.objects.filter(
        objective__in=keys, starts_at__gte=since(max(lengths), now), starts_at__lt=now
    )
    sums: dict[str, Any] = {}
    for place, length in enumerate(lengths):
        inside = Q(starts_at__gte=since(length, now))
        sums[f"whole_{place}"] = Sum("total", filter=inside, default=0)
        sums[f"bad_{place}"] = Sum(F("total") - F("good"), filter=inside, default=0)
    grouped = rows.order_by().values("objective").annotate(**sums)
    for key, *figures in grouped.values_list("objective", *sums):
        pairs = zip(lengths, figures[::2], figures[1::2], strict=True)
        found[key] = {length: Tally(Fraction(int(whole)), Fraction(int(bad))) for length, whole, bad in pairs}
    return found


def _past(objectives: Sequence[Objective], windows: Sequence[Window]) -> _Past:
    """Impact and planned work over all of these windows: of a month what is to come too."""
    if not objectives:
        return _Past({}, {})
    services = {each.service_id for each in objectives}
    start = min(window.start for window in windows)
    now = max(window.now for window in windows)
    end = max(window.end for window in windows)
    # An objective leaves out planned work whether clients were told or not: it is our own measure.
    return _Past(spells(services, start, now), planned(services, start, end, announced_only=False))


def _time_standing(objective: Objective, window: Window, past: _Past) -> Standing:
    impact, work = past.of(objective)
    recent = time_tally(recent_span(window), impact, work)
    promised = sum((seconds(each.length) for each in counted(window.whole, work)), Fraction(0))
    return standing(
        window,
        time_tally(window.past, impact, work),
        objective.target,
        promised=promised,
        recent=recent.bad,
        at_risk_percent=objective.at_risk_percent,
    )


def _bad_by_time(objective: Objective, window: Window) -> Bad:
    impact, work = _past([objective], [window]).of(objective)
    open_ = counted(window.past, work)
    return lambda day: failing(impact, clip(open_, day.start, day.end))


def _bad_by_count(objective: Objective, days: Sequence[Interval[datetime]]) -> Bad:
    lost: dict[Interval[datetime], int] = defaultdict(int)
    rows = IndicatorBucket.objects.filter(
        objective=objective, starts_at__gte=days[0].start, starts_at__lt=days[-1].end
    )
    at = 0
    for starts_at, bad in (
        rows.order_by("starts_at").values_list("starts_at", F("total") - F("good")).iterator()
    ):
        while starts_at >= days[at].end:
            at += 1
        lost[days[at]] += bad
    return lambda day: Fraction(lost[day])
