"""Other terms for what counts already: another severity, an agreement or a calendar that changed."""

from datetime import datetime

from incidents.choices import ClockState, ReplanHow
from incidents.domain import waits
from incidents.domain.stamping import change_hours, close, put, replan, stamp, stands, stop, terms_of
from incidents.domain.standing import live, refresh_next_due
from incidents.models import Clock, Incident
from services.choices import AgreementKind, OnSeverity, PromiseKind
from services.domain import promise
from services.queries.agreement import terms_for, underpinning_terms
from services.types import Rung, Terms


def change_severity(incident: Incident, *, now: datetime) -> None:
    """Other terms for what still counts, and a count of what only this severity promises.

    As the agreement says (`OnSeverity`): what was used stays used and the rest of the new time counts on; or all is as if the
    new terms had held from the opening; or what counts goes on as it is and only new promises begin, from now. A breach stays
    a breach. What this severity doesn't promise is cancelled, except where what counts goes on as it is. Where there is more
    time than before, whoever was warned is warned again.
    """
    held = incident.party_intervals.filter(ends_at__isnull=True).first()
    offered = terms_for(incident.service, incident.severity, now)
    offered += underpinning_terms(
        incident.service, incident.severity, incident.party, held.team_id if held else None, now
    )
    new_terms = {(terms.basis, terms.provider, terms.kind): terms for terms in offered}
    rule = offered[0].on_severity if offered else OnSeverity.KEEP
    for clock in live(incident):
        terms = new_terms.pop((clock.basis, clock.provider, clock.kind), None)
        if clock.on_severity == OnSeverity.FORWARD or clock.kind in waits.AFTERWARDS:
            continue
        if terms is None:
            close(clock, ClockState.CANCELLED, now)
        else:
            adopt(clock, terms, incident, now, keep=clock.on_severity == OnSeverity.KEEP)
        clock.save()
    since = now if rule == OnSeverity.FORWARD else incident.opened_at
    for terms in new_terms.values():
        if terms.basis == AgreementKind.SLA and not _is_done(incident, terms, offered):
            _start_late(incident, terms, since, now)
    refresh_next_due(incident)


def adopt(clock: Clock, terms: Terms, incident: Incident, now: datetime, *, keep: bool) -> None:
    """Put other terms on a clock that counts. With `keep`, what was used stays used as it was counted; else it is counted
    anew by the new hours. The clock is not saved."""
    clock.incident = incident
    before, ladder = clock.hours, clock.rungs
    put(clock, terms)
    if keep:
        stamped, clock.hours = clock.hours, before
        if stamped != before:
            change_hours(clock, terms.hours, now)
    else:
        clock.legs = []
    _warn_again(clock, ladder, now)
    if clock.state == ClockState.PAUSED and not stands(clock, incident):
        clock.pauses = [*clock.pauses[:-1], [clock.pauses[-1][0], now.isoformat()]]
        clock.paused_at, clock.left_seconds, clock.state = None, None, ClockState.RUNNING
        replan(clock, now)
    elif clock.state == ClockState.PAUSED:
        clock.left_seconds = promise.left(terms_of(clock, now), now)
    elif stands(clock, incident):
        stop(clock, now)


def _warn_again(clock: Clock, ladder: list[object], now: datetime) -> None:
    """Plan it; what was said for an earlier time than the one that counts now is said again."""
    said = clock.warned_at, clock.rungs_done
    if ladder != clock.rungs:
        clock.rungs_done = []
    replan(clock, now)
    if clock.rungs_done:
        terms = terms_of(clock, now)
        clock.rungs_done = [
            place
            for place in clock.rungs_done
            if place < len(clock.rungs) and promise.rung_at(terms, Rung(**clock.rungs[place])) <= now
        ]
    if clock.breached_at is None and clock.warn_at is not None and clock.warn_at > now:
        clock.warned_at = None
    if said != (clock.warned_at, clock.rungs_done):
        replan(clock, now)


def replan_open(clock: Clock, terms: Terms | None, incident: Incident, how: str, now: datetime) -> bool:
    """Apply what holds now to a promise that counts; whether its due time moved. Without terms it goes on as it is.

    The clock is not saved.
    """
    if terms is None:
        return False
    before = clock.due_at
    adopt(clock, terms, incident, now, keep=how == ReplanHow.KEEP)
    return clock.due_at != before


def _is_done(incident: Incident, terms: Terms, offered: list[Terms]) -> bool:
    """Whether what is promised has been done already, or begins later; an open incident's resolution never is."""
    kind = terms.kind
    if kind == PromiseKind.RESOLVE:
        return False
    if kind in waits.AFTERWARDS:
        return True
    done = incident.clocks.filter(kind=kind, basis=AgreementKind.SLA, state=ClockState.MET).exists()
    if kind == PromiseKind.ACKNOWLEDGE:
        return done or incident.acknowledged_at is not None
    if kind == PromiseKind.MITIGATE:
        return incident.mitigated_at is not None
    if kind == PromiseKind.NEXT_UPDATE:
        # it begins with the first update, which was not given yet
        return any(each.kind == PromiseKind.FIRST_UPDATE for each in offered) and not _had_update(incident)
    return done


def _had_update(incident: Incident) -> bool:
    return incident.clocks.filter(
        kind__in=[PromiseKind.FIRST_UPDATE, PromiseKind.NEXT_UPDATE],
        basis=AgreementKind.SLA,
        state=ClockState.MET,
    ).exists()


def _start_late(incident: Incident, terms: Terms, since: datetime, now: datetime) -> None:
    """Begin to count a promise that the severity before didn't make; one that it broke before stays broken."""
    last = (
        incident.clocks.filter(kind=terms.kind, basis=terms.basis, provider=terms.provider)
        .order_by("-cycle")
        .first()
    )
    if terms.kind == PromiseKind.NEXT_UPDATE:
        since = now
    clock = stamp(incident, terms, since=since)
    paused = [each for each in waits.of(incident, now, waits.stops_of_terms(terms)) if each.end > since]
    stopped = stands(clock, incident)
    clock.pauses = [[each.start.isoformat(), each.end.isoformat()] for each in paused]
    if last is not None:
        clock.cycle, clock.is_new_cycle = last.cycle + 1, terms.kind == PromiseKind.NEXT_UPDATE
        if not clock.is_new_cycle:
            clock.breached_at, clock.warned_at = last.breached_at, last.breached_at
    replan(clock, now)
    if stopped:
        stop(clock, now)
    clock.save()
