"""While an incident was on hold, or stood ended, no promise was counted: these times, from its timeline."""

from collections.abc import Iterable
from datetime import datetime

from core.intervals import Interval
from incidents.choices import EntryKind, State
from incidents.models import Incident

_ENDED = frozenset({State.RESOLVED, State.CLOSED})


def of(incident: Incident, now: datetime, *, held: bool) -> list[Interval[datetime]]:
    """When it stood ended and, with `held`, when it was on hold, up to `now`; oldest first."""
    lines = incident.entries.filter(kind=EntryKind.STATE, data__has_key="state").order_by("recorded_at", "pk")
    states = [(at, data["state"]) for at, data in lines.values_list("recorded_at", "data")]
    return between(states, now, _ENDED | {State.ON_HOLD} if held else _ENDED)


def between(
    states: Iterable[tuple[datetime, str]], now: datetime, waiting: Iterable[str]
) -> list[Interval[datetime]]:
    """The stretches in one of the `waiting` states, given each state with its beginning in order. Pure."""
    which, found, since = set(waiting), [], None
    for at, state in [*states, (now, "")]:
        if state in which:
            since = since or at
        elif since is not None:
            if at > since:
                found.append(Interval(since, at))
            since = None
    return found
