"""Where rotas have too few people: needs, leave and skills of the database laid over the final schedule."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Prefetch, prefetch_related_objects

from accounts.models import User
from core.intervals import Interval, union
from rotas.choices import LeaveState
from rotas.domain.needs import Need, Shortage, always, shortages
from rotas.models import CoverNeed, Leave, Rota, Skill
from rotas.queries.oncall import Plan, plans
from rotas.types import Shift, Stretch, Window

# Longer than this nobody looks ahead at once.
MOST_DAYS: Final = 92


@dataclass(frozen=True, slots=True)
class Short:
    """A shortage of a rota, with the people themselves."""

    rota: Rota
    short: Shortage
    on_call: tuple[User, ...]
    away: tuple[User, ...]
    skill: Skill | None

    @property
    def start(self) -> datetime:
        return self.short.start

    @property
    def end(self) -> datetime:
        return self.short.end

    @property
    def length(self) -> timedelta:
        return self.short.end - self.short.start

    @property
    def key(self) -> str:
        """Names it in addresses: rota and beginning."""
        return f"{self.rota.slug}@{int(self.short.start.timestamp())}"


@dataclass(frozen=True, slots=True)
class Covered:
    """A rota with its plan and needs over some time, where it is short, and the schedule itself."""

    rota: Rota
    plan: Plan
    needs: tuple[Need, ...]
    short: tuple[Short, ...]
    shifts: tuple[Shift, ...] = ()


def covered(rotas: Iterable[Rota], start: datetime, end: datetime) -> list[Covered]:
    """Each rota in `[start, end)`; as many queries for many as for one."""
    found = plans(rotas, start, end)
    read = [plan.rota for plan in found]
    prefetch_related_objects(read, Prefetch("needs", CoverNeed.objects.select_related("skill")))
    people = {key: user for plan in found for key, user in plan.people.items()}
    leaves = leaves_of(people, start, end)
    skills = {
        need.skill.pk: need.skill for rota in read for need in rota.needs.all() if need.skill is not None
    }
    skilled = skilled_in(skills)
    made = []
    for plan in found:
        needs = needs_of(plan.rota)
        shifts = plan.shifts(start, end)
        short = shortages(shifts, needs, leaves=leaves, skilled=skilled)
        made.append(Covered(plan.rota, plan, needs, _said(plan, short, skills), tuple(shifts)))
    return made


def _said(plan: Plan, short: Iterable[Shortage], skills: Mapping[int, Skill]) -> tuple[Short, ...]:
    return tuple(
        Short(
            plan.rota,
            each,
            tuple(plan.users(each.on_call)),
            tuple(plan.users(each.away)),
            skills.get(each.skill or 0),
        )
        for each in short
    )


def needs_of(rota: Rota) -> tuple[Need, ...]:
    """What is needed of a rota; one person, always, where nothing is said. No query where needs were prefetched."""
    needs = tuple(
        Need(
            each.people,
            rota.zone,
            Window(frozenset(each.weekdays), each.start, each.end),
            each.skill_id,
        )
        for each in rota.needs.all()
    )
    return needs or (always(rota.zone),)


def leaves_of(people: Collection[int], start: datetime, end: datetime) -> dict[int, Sequence[Stretch]]:
    """Approved leave of people within `[start, end)`, sorted and disjoint by person. One query."""
    rows = Leave.objects.filter(
        user__in=people, state=LeaveState.APPROVED, starts_at__lt=end, ends_at__gt=start
    ).values_list("user", "starts_at", "ends_at")
    found: dict[int, list[Interval[datetime]]] = defaultdict(list)
    for user, begins, ends in rows:
        found[user].append(Interval(begins, ends))
    return {user: [(each.start, each.end) for each in union(those)] for user, those in found.items()}


def skilled_in(skills: Collection[int]) -> dict[int, set[int]]:
    """Who has which of these skills. One query, none for no skills."""
    if not skills:
        return {}
    found: dict[int, set[int]] = defaultdict(set)
    through = Skill.people.through.objects.filter(skill__in=skills)
    for skill, user in through.values_list("skill_id", "user_id"):
        found[skill].add(user)
    return found
