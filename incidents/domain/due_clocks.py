"""The tick of the clocks: promises that are due warn or turn late, the most severe first, many at a time.

Which are due is read without a lock; then their incidents are locked (skipping busy ones), then the clocks, and
they are looked at again: the order of all engines. Where a batch fails, each of it is worked by itself, and one that
fails stands back, so that it holds up no other.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from core import meter
from core.rowsets import update_rows
from incidents.domain import ladder, told
from incidents.domain.locks import lock_free
from incidents.domain.stamping import next_event, plan_of, rungs_of, terms_of
from incidents.domain.standing_back import stand_back
from incidents.models import Clock, Incident
from services.choices import RungAct
from services.domain import promise
from services.types import Rung

log = logging.getLogger(__name__)
LIMIT = 200
# Incidents are held for as long as their batch takes: short enough for whoever waits for one of them.
TOGETHER = 50
_CLOCK = {"id": "bigint", "next_at": "timestamptz", "warned_at": "timestamptz", "breached_at": "timestamptz"}
_INCIDENT = {"id": "bigint", "last_entry": "text", "last_entry_at": "timestamptz"}
Due = tuple[int, int]


def tick(now: datetime, *, limit: int = LIMIT) -> int:
    """Do what clocks have due: warn or breach. Returns how many were worked.

    An error of one is raised once the others were worked.
    """
    due = list(
        Clock.objects.filter(next_at__lte=now)
        .order_by("severity", "next_at", "pk")
        .values_list("pk", "incident_id")[:limit]
    )
    worked, failure = 0, None
    for start in range(0, len(due), TOGETHER):
        batch = due[start : start + TOGETHER]
        try:
            worked += _work(batch, now)
        except Exception as error:
            log.warning("%s clocks are worked one by one: %s", len(batch), error)
            done, failed = _singly(batch, now)
            worked, failure = worked + done, failure or failed
    if failure is not None:
        raise failure
    return worked


def _singly(batch: Sequence[Due], now: datetime) -> tuple[int, Exception | None]:
    worked, failure = 0, None
    for each in batch:
        try:
            worked += _work([each], now)
        except Exception as error:
            log.exception("clock %s failed and stands back", each[0])
            failure = failure or error
            stand_back(Clock.objects.filter(next_at__lte=now), each[0], "next_at", now)
    return worked, failure


@transaction.atomic
def _work(batch: Sequence[Due], now: datetime) -> int:
    incidents = {each.pk: each for each in lock_free({incident for _, incident in batch})}
    clocks = list(
        Clock.objects.select_for_update(skip_locked=True)
        .filter(pk__in=[pk for pk, _ in batch], incident_id__in=incidents, next_at__lte=now)
        .order_by("pk")
    )
    hands = told.hands_of({clock.incident_id: incidents[clock.incident_id] for clock in clocks}.values())
    sayings: list[told.Saying] = []
    acts: list[tuple[Clock, Rung]] = []
    for clock in clocks:
        incident = clock.incident = incidents[clock.incident_id]
        sayings += _decide(clock, incident, hands, now)
        said, done = _climb(clock, incident, hands, now)
        sayings += said
        acts += [(clock, rung) for rung in done]
        clock.next_at = next_event(clock)
    if sayings:
        told.speak(sayings, now)
    _save(clocks, [saying.incident for saying in sayings])
    for clock, rung in acts:
        ladder.act(clock, incidents[clock.incident_id], rung, now)
    return len(clocks)


def _decide(clock: Clock, incident: Incident, hands: told.Hands, now: datetime) -> list[told.Saying]:
    """What it says now, if anything."""
    meter.late("clocks", clock.next_at, now)
    warned, breached = clock.warned_at is not None, clock.breached_at is not None
    effects = promise.decide(plan_of(clock), now, warned=warned, breached=breached)
    if effects.breach:
        return [told.breach(clock, incident, hands, now)]
    return [told.warn(clock, incident, hands, now)] if effects.warn else []


def _climb(
    clock: Clock, incident: Incident, hands: told.Hands, now: datetime
) -> tuple[list[told.Saying], list[Rung]]:
    """Rungs that are due: what is said and what is to be done. Of several words that are due at once the last is said."""
    if clock.rung_at is None or clock.rung_at > now:
        return [], []
    terms = terms_of(clock, now)
    due = sorted(
        (promise.rung_at(terms, rung), place)
        for place, rung in enumerate(rungs_of(clock))
        if place not in clock.rungs_done
    )
    places = [place for at, place in due if at <= now]
    clock.rungs_done = sorted([*clock.rungs_done, *places])
    clock.rung_at = next((at for at, place in due if place not in clock.rungs_done), None)
    clock.save(update_fields=["rungs_done", "rung_at"])
    every = rungs_of(clock)
    words = [place for place in places if every[place].act in {RungAct.NOTIFY, RungAct.REMIND}]
    said = [told.rung(clock, incident, place, hands, now) for place in words[-1:]]
    return said, [every[place] for place in places if place not in words]


def _save(clocks: Sequence[Clock], incidents: Sequence[Incident]) -> None:
    update_rows(
        "incidents_clock",
        _CLOCK,
        [
            {
                "id": each.pk,
                "next_at": each.next_at,
                "warned_at": each.warned_at,
                "breached_at": each.breached_at,
            }
            for each in clocks
        ],
        change="next_at = given.next_at, warned_at = given.warned_at, breached_at = given.breached_at",
        where="t.id = given.id",
    )
    lines = {each.pk: each for each in incidents}
    update_rows(
        "incidents_incident",
        _INCIDENT,
        [
            {"id": pk, "last_entry": each.last_entry, "last_entry_at": each.last_entry_at}
            for pk, each in sorted(lines.items())
        ],
        change="last_entry = given.last_entry, last_entry_at = given.last_entry_at",
        where="t.id = given.id",
    )
