"""Overrides and swaps looked at before they are kept: who gains, who loses, what opens. Nothing is stored."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from accounts.models import User
from rotas.domain.coverage import coverage
from rotas.domain.difference import Difference, difference
from rotas.models import Override, Rota, Swap
from rotas.queries.oncall import plans
from rotas.queries.preview import Preview, absences_in, said
from rotas.queries.twice import seats_of, twice_elsewhere
from rotas.types import Override as Change
from rotas.types import Shift

# Later than every override that is stored: they are applied in the order of their keys.
_LAST = 2**62


def look_at_override(override: Override, now: datetime) -> Preview:
    """What an override that is not stored would change, from `now` on. Seven queries at most."""
    change = Change(
        key=_LAST,
        start=override.starts_at,
        end=override.ends_at,
        adds=() if override.user_id is None else (override.user_id,),
        removes=() if override.replaces_id is None else (override.replaces_id,),
        replace_all=override.takes_over,
    )
    return _look(override.rota, [change], [override.user, override.replaces], now)


def look_at_swap(swap: Swap, now: datetime) -> Preview:
    """What a swap that is not stored would change once it is taken. Without a taker: what its giver gives away."""
    giver, taker = (swap.giver_id,), () if swap.taker_id is None else (swap.taker_id,)
    changes = [Change(_LAST, swap.starts_at, swap.ends_at, adds=taker, removes=giver)]
    if swap.back_starts_at is not None and swap.back_ends_at is not None:
        changes.append(Change(_LAST + 1, swap.back_starts_at, swap.back_ends_at, adds=giver, removes=taker))
    return _look(swap.rota, changes, [swap.giver, swap.taker], now)


def _look(rota: Rota, changes: Sequence[Change], named: Sequence[User | None], now: datetime) -> Preview:
    # shifts begin at whole seconds
    start = max(min(each.start for each in changes), now.replace(microsecond=0))
    end = max(each.end for each in changes)
    plan = plans([rota], start, end)[0]
    before = plan.shifts(start, end)
    after = coverage(plan.layers, (*plan.overrides, *changes), start, end)
    people = {**plan.people, **{user.pk: user for user in named if user is not None}}
    found = difference(before, after)
    gained = _gained(found)
    drawn = said(found, people, (start, end), ())
    return replace(
        drawn,
        # who is on call with somebody else, but as long as before, neither gains nor loses
        gains=tuple(gain for gain in drawn.gains if gain.more),
        absences=tuple(absences_in(gained, people)),
        twice=tuple(twice_elsewhere(rota, seats_of(rota, gained), people)),
    )


def _gained(found: Difference) -> list[Shift]:
    """The stretches in which somebody is on call who wasn't, with those people."""
    fresh = (
        Shift(each.start, each.end, tuple(key for key in each.after if key not in each.before), None, None)
        for each in found.changes
    )
    return [shift for shift in fresh if shift.people]
