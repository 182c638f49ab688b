"""Who should take a gap: who is free, rested, skilled and willing, the least loaded first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from accounts.models import User
from core.intervals import Interval
from rotas.domain.workload import Limits, strains
from rotas.models import Rota
from rotas.queries.burden import Carried, Spans, burden, limits_by_site, limits_of, spans_of
from rotas.queries.gaps import Short, leaves_of, skilled_in
from rotas.queries.oncall import active_rotas
from rotas.queries.visible import callable_people

# The load of so long before and after counts.
AROUND: Final = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody who could take it: `against` are the reasons not to, none at best; `over` is how many weighted hours they
    carry above their share in eight weeks."""

    user: User
    against: tuple[str, ...]
    over: float
    load: float

    @property
    def is_good(self) -> bool:
        return not self.against


def suggestions(short: Short, now: datetime, *, limit: int = 5) -> list[Suggestion]:
    """Who should take this shortage: those with nothing against them first, then by how far below their share they are."""
    start, end = short.start, short.end
    around = burden([short.rota], start - AROUND, end + AROUND, now)
    carried = {each.user.pk: each for each in around.people}
    candidates = {
        user.pk: user for user in callable_people() if user.pk in carried or _is_of_team(user, short.rota)
    }
    for user in short.on_call:
        if user not in short.away:
            candidates.pop(user.pk, None)
    leaves = leaves_of(candidates, start, end)
    able = skilled_in([short.skill.pk]).get(short.skill.pk, set()) if short.skill else None
    everywhere = list(active_rotas())
    spans, _people = spans_of(everywhere, start - timedelta(days=8), end + timedelta(days=8), now)
    limits = limits_by_site()
    found = [
        _weigh(
            user, short, carried.get(key), spans, limits, away=key in leaves, able=able is None or key in able
        )
        for key, user in candidates.items()
    ]
    found.sort(key=lambda each: (len(each.against), each.over, each.user.name))
    return found[:limit]


def _is_of_team(user: User, rota: Rota) -> bool:
    return user.pk in _members(rota)


def _members(rota: Rota) -> set[int]:
    known: set[int] | None = rota.__dict__.get("read_team")
    if known is None:
        known = rota.__dict__["read_team"] = set(rota.team.members.values_list("pk", flat=True))
    return known


def _weigh(
    user: User,
    short: Short,
    carried: Carried | None,
    spans: Spans,
    limits: Mapping[int | None, Limits],
    *,
    away: bool,
    able: bool,
) -> Suggestion:
    against = []
    mine = spans.get(user.pk, [])
    wanted = Interval(short.start, short.end)
    if away:
        against.append("on leave")
    if any(each.start < wanted.end and each.end > wanted.start for each in mine):
        against.append("on call elsewhere then")
    elif not short.rota.is_standby:
        rules = limits_of(user, limits)
        before, after = strains(mine, user.zone, rules), strains([*mine, wanted], user.zone, rules)
        new = {each.kind for each in after} - {each.kind for each in before}
        words = {
            "rest": "too little rest",
            "days": "too many days in a row",
            "week": "too many hours in a week",
        }
        against += [words[kind] for kind in sorted(new)]
    if not able and short.skill is not None:
        against.append(f"without {short.skill.name}")
    if carried is not None and not carried.willing:
        against.append("would rather not")
    return Suggestion(
        user, tuple(against), carried.over if carried else 0.0, carried.load if carried else 0.0
    )
