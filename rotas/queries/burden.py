"""What rotas weigh on people: hours by part of the day, pages at night, rest, and shares."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from accounts.models import User
from core.intervals import Interval
from rotas.choices import CALLED_SOMEBODY
from rotas.domain.workload import Fairness, Hours, Limits, Strain, fairness, hours, is_asleep, strains
from rotas.models import Call, Participation, RestRule, Rota
from rotas.queries.cover import schedules
from rotas.queries.oncall import read_plan
from services.queries.hours import public_holidays

Spans = dict[int, list[Interval[datetime]]]
LONGEST: Final = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Carried:
    """One person over some time: hours, load and share, pages while asleep, and where rest is too short.

    `target` and `over` are weighted hours.
    """

    user: User
    hours: Hours
    target: float
    over: float
    share: int
    willing: bool
    pages: int
    night_pages: int
    strains: tuple[Strain, ...]

    @property
    def load(self) -> float:
        return self.hours.load


@dataclass(frozen=True, slots=True)
class Burden:
    """Of some rotas over `[start, end)`: each person, the one who carries most first, and how fair it is."""

    start: datetime
    end: datetime
    people: tuple[Carried, ...]
    score: int | None
    fairness: Fairness

    @property
    def most(self) -> float:
        """The heaviest load or target, for drawing."""
        return max((max(each.load, each.target) for each in self.people), default=0.0)


def burden(rotas: Iterable[Rota], start: datetime, end: datetime, now: datetime) -> Burden:
    """What these rotas weigh on whom: up to `now` as it was, from then on as it is planned."""
    chosen = list(rotas)
    spans, people = spans_of(chosen, start, end, now)
    shift_work, _people = spans_of([rota for rota in chosen if not rota.is_standby], start, end, now)
    shares, willing = _participation(chosen, people)
    limits = limits_by_site()
    measured = {
        key: hours(spans.get(key, []), user.zone, limits_of(user, limits), holidays_of(user, start, end))
        for key, user in people.items()
    }
    even = fairness({key: each.load for key, each in measured.items()}, shares)
    pages, at_night = _pages(people, chosen, start, end, limits)
    carried = [
        Carried(
            people[standing.person],
            measured[standing.person],
            standing.target,
            standing.over,
            round(shares[standing.person]),
            willing[standing.person],
            pages[standing.person],
            at_night[standing.person],
            tuple(
                strains(
                    shift_work.get(standing.person, []),
                    people[standing.person].zone,
                    limits_of(people[standing.person], limits),
                )
            ),
        )
        for standing in even.standings
    ]
    carried.sort(key=lambda each: (-each.load, each.user.name, each.user.pk))
    return Burden(start, end, tuple(carried), even.score, even)


def spans_of(
    rotas: Sequence[Rota], start: datetime, end: datetime, now: datetime
) -> tuple[Spans, dict[int, User]]:
    """When who is on call of these rotas, cut to `[start, end)`: what has passed as it was written down, the rest worked out.

    Also everybody who takes turns in them.
    """
    spans: Spans = defaultdict(list)
    people: dict[int, User] = {}
    for rota, covers in schedules(rotas, start, end, now):
        people.update(read_plan(rota).people)
        for cover in covers:
            for user in cover.users:
                people[user.pk] = user
                spans[user.pk].append(Interval(cover.start, cover.end))
    return spans, people


def limits_by_site() -> Mapping[int | None, Limits]:
    """The rest rules, by site; None is that of every other site. One query."""
    return {
        rule.site_id: Limits(
            timedelta(hours=rule.min_rest_hours),
            rule.max_days,
            timedelta(hours=rule.max_week_hours),
            rule.day_from,
            rule.evening_from,
            rule.night_from,
        )
        for rule in RestRule.objects.all()
    }


def limits_of(user: User, limits: Mapping[int | None, Limits]) -> Limits:
    """The limits that hold for a person."""
    return limits.get(user.site_id) or limits.get(None) or Limits()


def holidays_of(user: User, start: datetime, end: datetime) -> Collection[date]:
    """The public holidays at a person's site."""
    if user.site is None:
        return ()
    return public_holidays(user.site.country, "", start.year, end.year)


def _participation(
    rotas: Sequence[Rota], people: Mapping[int, User]
) -> tuple[dict[int, float], dict[int, bool]]:
    """Shares (100 is a full one; over several rotas the mean of those that say something) and who is willing."""
    said: dict[int, list[Participation]] = defaultdict(list)
    for row in Participation.objects.filter(rota__in=rotas, user__in=people):
        said[row.user_id].append(row)
    shares = {
        key: sum(row.share for row in said[key]) / len(said[key]) if said[key] else 100.0 for key in people
    }
    return shares, {key: all(row.willing for row in said[key]) for key in people}


def _pages(
    people: Mapping[int, User],
    rotas: Sequence[Rota],
    start: datetime,
    end: datetime,
    limits: Mapping[int | None, Limits],
) -> tuple[Counter[int], Counter[int]]:
    """How often each person was called, and how often of it while people sleep at their place."""
    names = [f"on call of {rota.name}"[:200] for rota in rotas]
    calls = Call.objects.filter(
        user__in=people, at__gte=start, at__lt=end, outcome__in=CALLED_SOMEBODY, why__in=names
    )
    pages, at_night = Counter[int](), Counter[int]()
    for key, at in calls.order_by().values_list("user_id", "at"):
        pages[key] += 1
        at_night[key] += is_asleep(at, people[key].zone, limits_of(people[key], limits))
    return pages, at_night
