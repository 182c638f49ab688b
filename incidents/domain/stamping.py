"""A clock as a value and back: the terms stamped on it, its plan, whether it stands still."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from core.hours import BusinessHours
from incidents.choices import ClockState
from incidents.domain import waits
from incidents.models import Clock, Incident
from services.choices import TargetMode
from services.domain import promise
from services.domain.promise import Leg, seconds_of
from services.queries.hours import from_json, from_text, to_json
from services.types import Rung, Target, Terms


def stamp(
    incident: Incident, terms: Terms, *, since: datetime, cycle: int = 1, is_new: bool = False
) -> Clock:
    """A count of these terms from `since`; neither planned nor saved."""
    clock = Clock(incident=incident, started_at=since, due_at=since, cycle=cycle, is_new_cycle=is_new)
    put(clock, terms)
    return clock


def put(clock: Clock, terms: Terms) -> None:
    """Write terms onto a clock, the time counted from its own start. Its plan is as it was."""
    clock.severity = clock.incident.severity
    clock.kind, clock.basis, clock.provider = terms.kind, terms.basis, terms.provider
    clock.agreement_id, clock.version = terms.agreement, terms.version
    clock.agreement_name = terms.agreement_name
    clock.target_seconds = seconds_of(terms.target, terms.hours, clock.started_at)
    clock.mode, clock.days, clock.at = terms.target.mode, terms.target.days or None, terms.target.at
    clock.warn_percent, clock.pausable = terms.warn_percent, terms.pausable
    clock.stops_for, clock.stops_with = list(terms.stops_for), list(terms.stops_with)
    clock.on_reopen, clock.on_severity = terms.on_reopen, terms.on_severity
    clock.hours = to_json(terms.hours)
    clock.rungs = [rung_as_json(rung) for rung in terms.rungs]


def again(last: Clock, *, since: datetime, is_new: bool) -> Clock:
    """The next count of the same promise, by the terms stamped on the last one; neither planned nor saved."""
    copied = (
        "incident", "kind", "basis", "provider", "agreement_id", "version", "agreement_name", "severity", "target_seconds",
        "mode", "days", "at", "warn_percent", "pausable", "stops_for", "stops_with", "on_reopen", "on_severity", "hours",
        "legs", "rungs",
    )  # fmt: skip
    made = Clock(**{name: getattr(last, name) for name in copied}, started_at=since, due_at=since)
    made.cycle, made.is_new_cycle = last.cycle + 1, is_new
    if is_new:
        made.legs = []
        if made.mode in {TargetMode.BUSINESS_DAYS, TargetMode.NEXT_DAY}:
            target = Target(mode=made.mode, days=made.days or 0, at=made.at)
            made.target_seconds = seconds_of(target, from_json(made.hours), since)
    return made


def terms_of(clock: Clock, now: datetime) -> promise.Terms:
    """The stamped terms as plain values; a pause still open ends at `now`."""
    return promise.Terms(
        hours=_hours_of(clock),
        start=clock.started_at,
        target=clock.target_seconds,
        warn_percent=clock.warn_percent,
        pauses=promise.intervals(clock.pauses, now),
        legs=_legs(clock.legs),
    )


def terms_read(
    *, hours: str, start: datetime, target: int, warn_percent: int, pauses: str, legs: str, now: datetime
) -> promise.Terms:
    """The same of a clock's columns, its JSON as text: for lists, which make no models."""
    return promise.Terms(
        hours=from_text(hours),
        start=start,
        target=target,
        warn_percent=warn_percent,
        pauses=promise.intervals(json.loads(pauses), now),
        legs=_legs(json.loads(legs)),
    )


def _legs(stored: Iterable[Any]) -> tuple[Leg, ...]:
    return tuple(Leg(datetime.fromisoformat(until), from_json(hours)) for until, hours in stored)


def _hours_of(clock: Clock) -> BusinessHours:
    """The stamped hours, read once as long as they are the same."""
    stamped, known = getattr(clock, "read_hours", (None, None))
    if known is None or stamped is not clock.hours:
        known = from_json(clock.hours)
        clock.read_hours = clock.hours, known  # type: ignore[attr-defined]
    return known


def rungs_of(clock: Clock) -> list[Rung]:
    """The ladder of warnings as it was at the start."""
    return [Rung(**rung) for rung in clock.rungs]


def rung_as_json(rung: Rung) -> dict[str, Any]:
    """A rung for the clock's column."""
    return {"unit": rung.unit, "amount": rung.amount, "act": rung.act, "whom": rung.whom, "step": rung.step}


def change_hours(clock: Clock, hours: BusinessHours, now: datetime) -> None:
    """Count by other hours from `now` on; what was used before stays used."""
    stamped = to_json(hours)
    if stamped != clock.hours:
        clock.legs = [*clock.legs, [now.isoformat(), clock.hours]]
        clock.hours = stamped


def replan(clock: Clock, now: datetime) -> None:
    """Warning, due time, the next rung, and what happens next, by terms and pauses as they are."""
    terms = terms_of(clock, now)
    planned = promise.plan(terms)
    clock.warn_at, clock.due_at = planned.warn_at, planned.due_at
    clock.rung_at = next_rung_at(clock, terms)
    clock.next_at = next_event(clock) if clock.state == ClockState.RUNNING else None


def next_rung_at(clock: Clock, terms: promise.Terms) -> datetime | None:
    """When the next rung that was not climbed comes; None without one."""
    open_rungs = [rung for place, rung in enumerate(rungs_of(clock)) if place not in clock.rungs_done]
    return min((promise.rung_at(terms, rung) for rung in open_rungs), default=None)


def plan_of(clock: Clock) -> promise.Plan:
    """When it warns and when it is due."""
    return promise.Plan(warn_at=clock.warn_at or clock.due_at, due_at=clock.due_at)


def next_event(clock: Clock) -> datetime | None:
    """When something happens to it next: the warning, the breach, a rung; None when all is said."""
    said = promise.next_event(
        plan_of(clock), warned=clock.warned_at is not None, breached=clock.breached_at is not None
    )
    return min([at for at in (said, clock.rung_at) if at is not None], default=None)


def begin(clock: Clock, incident: Incident, now: datetime) -> None:
    """Plan it; where the incident stands still for it, it stands still from `now` on."""
    replan(clock, now)
    if stands(clock, incident):
        stop(clock, now)


def stands(clock: Clock, incident: Incident) -> bool:
    """Whether it stands still as the incident is now."""
    return waits.stops_of(clock).stands(incident.state, incident.hold_party, incident.party)


def stop(clock: Clock, now: datetime) -> None:
    """Stand still from `now`; what is left is kept to the second."""
    clock.left_seconds = promise.left(terms_of(clock, now), now)
    clock.pauses = [*clock.pauses, [now.isoformat(), None]]
    clock.paused_at, clock.state, clock.next_at = now, ClockState.PAUSED, None


def go_on(clock: Clock, now: datetime) -> None:
    """Count on from where the pause began; due times move by what was not counted."""
    clock.pauses = [*clock.pauses[:-1], [clock.pauses[-1][0], now.isoformat()]]
    clock.paused_at, clock.left_seconds, clock.state = None, None, ClockState.RUNNING
    replan(clock, now)


def close(clock: Clock, state: str, now: datetime) -> None:
    """It counts no more: met, or cancelled."""
    clock.state, clock.ended_at = state, now
    if state == ClockState.MET:
        clock.met_at = now
    clock.next_at = clock.paused_at = clock.left_seconds = None
