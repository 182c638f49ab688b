"""Once a night every promise that counts, or ended since the last look, is told again from the timeline.

What is stored must be what its events make it. Where it isn't, leads and administrators hear of it: a due time that nobody
can explain is worth no more than none.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from accounts.queries.people import leads
from incidents.choices import ClockState
from incidents.domain import waits
from incidents.domain.locks import lock
from incidents.domain.replay import drifts
from incidents.models import Clock, ClockCheck
from notifications.choices import Urgency
from notifications.domain.outbox import announce
from notifications.types import Announcement

EVERY: Final = timedelta(hours=23)
BATCH: Final = 500
NAMED: Final = 100
# What the first look takes of the past.
FIRST_LOOK: Final = timedelta(days=7)


def is_due(now: datetime) -> bool:
    """Whether the last look is old enough for another."""
    return not ClockCheck.objects.filter(at__gt=now - EVERY).exists()


def check(now: datetime) -> ClockCheck:
    """Look at all that counts and at what ended since the last look; tell leads where something differs."""
    last = ClockCheck.objects.order_by("-at").first()
    since = last.at if last is not None else now - FIRST_LOOK
    checked, drifted = 0, 0
    found: list[dict[str, Any]] = []
    for clock, fields in _looked_at(since, now):
        checked += 1
        if not fields:
            continue
        drifted += 1
        if len(found) < NAMED:
            found.append({"incident": clock.incident.ref, "kind": clock.kind, "fields": fields})
    made = ClockCheck.objects.create(at=now, checked=checked, drifted=drifted, found=found)
    if drifted:
        _tell(made, now)
    return made


def _looked_at(since: datetime, now: datetime) -> Iterator[tuple[Clock, list[str]]]:
    """Each clock with the names of what differs. Two queries for every BATCH, three where hands stop a promise."""
    rows = Clock.objects.filter(Q(state__in=[ClockState.RUNNING, ClockState.PAUSED]) | Q(ended_at__gt=since))
    keys = rows.order_by("pk").values_list("pk", flat=True)
    for batch in _in_batches(list(keys)):
        clocks = list(Clock.objects.filter(pk__in=batch).select_related("incident").defer("incident__search"))
        happened = waits.histories_of(clocks)
        for clock in clocks:
            differs = drifts(clock, happened[clock.incident_id], now)
            # it may have moved between the two questions: what is told of was seen to stand still
            yield clock, _again(clock, now) if differs else []


@transaction.atomic
def _again(clock: Clock, now: datetime) -> list[str]:
    """What differs of a clock while nobody can move it, after whatever was done to it since `now`."""
    incident = lock(clock.incident_id)
    fresh = Clock.objects.get(pk=clock.pk)
    history = waits.histories([incident.pk])[incident.pk]
    at = max([now, *[begun for begun, _state, _party in history.states[-1:]]])
    return [each.field for each in drifts(fresh, history, at)]


def _in_batches(keys: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]


def _tell(made: ClockCheck, now: datetime) -> None:
    first: dict[str, Any] = made.found[0]
    announce(
        Announcement(
            key=f"clock-check:{made.pk}",
            kind="clock.drift",
            urgency=Urgency.ORDINARY,
            subject=f"{made.drifted} of {made.checked} promises are not what their timeline makes them",
            body=f"The first is {first['kind']} of {first['incident']}: {', '.join(first['fields'])}.",
            url=f"/incidents/{first['incident']}/promises/",
            about_kind="incident",
            about_ref=first["incident"],
        ),
        list(leads()),
        now=now,
    )
