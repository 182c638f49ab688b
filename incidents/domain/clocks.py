"""SLA clocks: start, pause, resume, meet, each effect once. What is due stands in `due_clocks.py`.

Verbs are called under the incident's lock and within its transaction; the tick takes the same lock
first. Terms are stamped on the clock at its start, so an agreement edited tomorrow changes nothing tonight.
"""

from datetime import datetime, timedelta

from core.intervals import Interval
from core.types import SYSTEM, Actor
from incidents.choices import ClockState, Source, State
from incidents.domain import told, waits
from incidents.domain.due_clocks import tick
from incidents.models import Clock, Incident
from services.choices import PromiseKind
from services.domain import promise
from services.queries.agreement import terms_for
from services.queries.hours import from_json, to_json
from services.types import Terms

__all__ = [
    "cancel", "change_severity", "live", "meet", "pause", "pauses_of", "refresh_next_due", "remaining", "reopen",
    "resume", "start", "terms_of", "tick",
]  # fmt: skip

_LIVE = [ClockState.RUNNING, ClockState.PAUSED]


def start(incident: Incident, *, now: datetime, since: datetime | None = None) -> list[Clock]:
    """Start the promises that the service's agreement makes for this severity, counted from `since`."""
    begun = since or now
    clocks = []
    for terms in terms_for(incident.service, incident.severity, now):
        clock = _clock(incident, terms, since=begun)
        _replan(clock, now)
        clock.save()
        clocks.append(clock)
    refresh_next_due(incident)
    return clocks


def _clock(incident: Incident, terms: Terms, *, since: datetime) -> Clock:
    """A count from `since`, not planned and not saved."""
    return Clock(
        incident=incident,
        kind=terms.kind,
        agreement_name=terms.agreement_name,
        severity=incident.severity,
        target_seconds=terms.target_seconds,
        warn_percent=terms.warn_percent,
        pausable=terms.pausable,
        hours=to_json(terms.hours),
        started_at=since,
        due_at=since,
    )


def pause(incident: Incident, *, now: datetime) -> None:
    """Stop the pausable clocks; what is left is kept to the second."""
    for clock in live(incident):
        if clock.pausable and clock.state == ClockState.RUNNING:
            clock.left_seconds = promise.left(terms_of(clock, now), now)
            clock.pauses = [*clock.pauses, [now.isoformat(), None]]
            clock.paused_at, clock.state, clock.next_at = now, ClockState.PAUSED, None
            clock.save(update_fields=["left_seconds", "pauses", "paused_at", "state", "next_at"])
    refresh_next_due(incident)


def resume(incident: Incident, *, now: datetime) -> None:
    """Go on counting where the pause began; due times move by what was not counted."""
    for clock in live(incident):
        if clock.state == ClockState.PAUSED:
            _end_pause(clock, now)
            _replan(clock, now)
            clock.save()
    refresh_next_due(incident)


def meet(incident: Incident, kind: PromiseKind, *, now: datetime, actor: Actor = SYSTEM) -> None:
    """What was promised has been done. Too late is met late: the breach stays and is said."""
    for clock in live(incident):
        if clock.kind != kind:
            continue
        if clock.state == ClockState.PAUSED:
            _end_pause(clock, now)
            _replan(clock, now)
        if clock.breached_at is None and clock.due_at <= now:
            told.speak([told.breach(clock, incident, told.hands_of([incident]), now)], now)
        clock.state, clock.met_at, clock.ended_at = ClockState.MET, now, now
        clock.next_at = clock.paused_at = clock.left_seconds = None
        clock.save()
    refresh_next_due(incident)


def _end_pause(clock: Clock, now: datetime) -> None:
    clock.pauses = [*clock.pauses[:-1], [clock.pauses[-1][0], now.isoformat()]]
    clock.paused_at, clock.left_seconds, clock.state = None, None, ClockState.RUNNING


def cancel(incident: Incident, *, now: datetime) -> None:
    """The promises no longer count: the incident was cancelled."""
    for clock in live(incident):
        clock.state, clock.ended_at = ClockState.CANCELLED, now
        clock.next_at = clock.paused_at = clock.left_seconds = None
        clock.save()
    refresh_next_due(incident)


def reopen(incident: Incident, *, now: datetime) -> None:
    """Count the resolve promise on: the time while it stood resolved is a pause, what was used stays used.

    A severity that was corrected meanwhile counts from here.
    """
    last = incident.clocks.filter(kind=PromiseKind.RESOLVE, state=ClockState.MET).order_by("-cycle").first()
    if last is not None and last.ended_at is not None:
        _count_on(incident, last, last.ended_at, now)
    if incident.source != Source.IMPORT and (last is None or last.severity != incident.severity):
        change_severity(incident, now=now)


def _count_on(incident: Incident, last: Clock, ended_at: datetime, now: datetime) -> None:
    again = Clock(
        incident=incident,
        kind=last.kind,
        agreement_name=last.agreement_name,
        severity=last.severity,
        target_seconds=last.target_seconds,
        warn_percent=last.warn_percent,
        pausable=last.pausable,
        hours=last.hours,
        started_at=last.started_at,
        due_at=last.due_at,
        pauses=[*last.pauses, [ended_at.isoformat(), now.isoformat()]],
        warned_at=last.warned_at,
        breached_at=last.breached_at,
        cycle=last.cycle + 1,
    )
    _replan(again, now)
    again.save()
    refresh_next_due(incident)


def change_severity(incident: Incident, *, now: datetime) -> None:
    """Other terms for what still counts, and a count of what only this severity promises, from the opening on.

    The time already used, and a breach, stay. What this severity doesn't promise is cancelled. Where there is more
    time than before, whoever was warned is warned again.
    """
    new_terms = {terms.kind: terms for terms in terms_for(incident.service, incident.severity, now)}
    for clock in live(incident):
        terms = new_terms.pop(clock.kind, None)
        if terms is None:
            clock.state, clock.ended_at, clock.next_at = ClockState.CANCELLED, now, None
            clock.paused_at = clock.left_seconds = None
        else:
            _adopt(clock, terms, incident, now)
        clock.save()
    for terms in new_terms.values():
        if not _is_done(incident, terms.kind):
            _start_late(incident, terms, now)
    refresh_next_due(incident)


def _adopt(clock: Clock, terms: Terms, incident: Incident, now: datetime) -> None:
    clock.severity, clock.agreement_name = incident.severity, terms.agreement_name
    clock.target_seconds, clock.warn_percent = terms.target_seconds, terms.warn_percent
    clock.hours = to_json(terms.hours)
    _replan(clock, now)
    if clock.breached_at is None and clock.warn_at is not None and clock.warn_at > now:
        clock.warned_at = None
        _replan(clock, now)
    if clock.state == ClockState.PAUSED:
        clock.left_seconds = promise.left(terms_of(clock, now), now)


def _is_done(incident: Incident, kind: str) -> bool:
    """Whether what is promised has been done already; an open incident's resolution never is."""
    if kind != PromiseKind.ACKNOWLEDGE:
        return False
    done = incident.clocks.filter(kind=kind, state=ClockState.MET)
    return incident.acknowledged_at is not None or done.exists()


def _start_late(incident: Incident, terms: Terms, now: datetime) -> None:
    """Begin to count a promise that the severity before didn't make; one that it broke before stays broken."""
    last = incident.clocks.filter(kind=terms.kind).order_by("-cycle").first()
    paused = waits.of(incident, now, held=terms.pausable)
    clock = _clock(incident, terms, since=incident.opened_at)
    clock.pauses = [[each.start.isoformat(), each.end.isoformat()] for each in paused]
    if last is not None:
        clock.cycle, clock.breached_at, clock.warned_at = last.cycle + 1, last.breached_at, last.breached_at
    _replan(clock, now)
    if terms.pausable and incident.state == State.ON_HOLD:
        clock.left_seconds = promise.left(terms_of(clock, now), now)
        clock.pauses = [*clock.pauses, [now.isoformat(), None]]
        clock.paused_at, clock.state, clock.next_at = now, ClockState.PAUSED, None
    clock.save()


def live(incident: Incident) -> list[Clock]:
    """Clocks that run or are paused."""
    return list(incident.clocks.filter(state__in=_LIVE))


def terms_of(clock: Clock, now: datetime) -> promise.Terms:
    """The stamped terms as plain values; a pause still open ends at `now`."""
    return promise.Terms(
        hours=from_json(clock.hours),
        start=clock.started_at,
        target=clock.target_seconds,
        warn_percent=clock.warn_percent,
        pauses=promise.intervals(clock.pauses, now),
    )


def pauses_of(clock: Clock, now: datetime) -> tuple[Interval[datetime], ...]:
    """The stored pauses of a clock as intervals."""
    return promise.intervals(clock.pauses, now)


def refresh_next_due(incident: Incident) -> None:
    """Keep the soonest promise still counting on the incident, for lists."""
    due = (
        incident.clocks.filter(state=ClockState.RUNNING)
        .order_by("due_at")
        .values_list("due_at", flat=True)
        .first()
    )
    incident.next_due_at = due
    Incident.objects.filter(pk=incident.pk).update(next_due_at=due)


def _replan(clock: Clock, now: datetime) -> None:
    planned = promise.plan(terms_of(clock, now))
    clock.warn_at, clock.due_at = planned.warn_at, planned.due_at
    clock.next_at = told.next_event(clock) if clock.state == ClockState.RUNNING else None


def remaining(clock: Clock, now: datetime) -> timedelta:
    """Business time left at `now`, by the stamped calendar; negative when late."""
    if clock.state == ClockState.PAUSED and clock.left_seconds is not None:
        return timedelta(seconds=clock.left_seconds)
    return timedelta(seconds=promise.left(terms_of(clock, now), now))
