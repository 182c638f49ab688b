"""While an incident was on hold, or stood ended, no promise was counted: these times, from its timeline."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import QuerySet

from core.intervals import Interval
from incidents.choices import EntryKind, State
from incidents.models import Entry, Incident

ENDED = frozenset({State.RESOLVED, State.CLOSED})


def of(incident: Incident, now: datetime, *, held: bool) -> list[Interval[datetime]]:
    """When it stood ended and, with `held`, when it was on hold, up to `now`; oldest first."""
    return between(states_of([incident.pk])[incident.pk], now, ENDED | {State.ON_HOLD} if held else ENDED)


def states_of(incidents: Collection[int]) -> dict[int, list[tuple[datetime, str]]]:
    """The states of incidents, by their keys, each with the instant (UTC) at which it began, oldest first. One query."""
    found: dict[int, list[tuple[datetime, str]]] = {pk: [] for pk in incidents}
    for pk, at, data in lines_of(incidents).values_list("incident", "recorded_at", "data"):
        found[pk].append((at, data["state"]))
    return found


def lines_of(incidents: Collection[int]) -> QuerySet[Entry]:
    """The lines of timelines that begin a state, by incident, oldest first."""
    lines = Entry.objects.filter(incident__in=incidents, kind=EntryKind.STATE, data__has_key="state")
    return lines.order_by("incident", "recorded_at", "pk")


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
