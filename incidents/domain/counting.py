"""The promises of an incident: begun, standing still, met, begun again.

Verbs are called under the incident's lock and within its transaction. Terms are stamped on a clock at its start, so an
agreement edited tomorrow changes nothing tonight.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from core.types import SYSTEM, Actor
from incidents.choices import ClockState, Resolution, Source
from incidents.domain import told, waits
from incidents.domain.changing import change_severity
from incidents.domain.stamping import again, begin, close, go_on, replan, stamp, stands, stop
from incidents.domain.standing import live, refresh_next_due
from incidents.models import Clock, Incident
from services.choices import AgreementKind, OnReopen, PromiseKind
from services.queries.agreement import terms_for
from services.types import Terms

_WITH_THE_INCIDENT: Final = frozenset(
    {PromiseKind.ACKNOWLEDGE, PromiseKind.FIRST_UPDATE, PromiseKind.MITIGATE, PromiseKind.RESOLVE}
)
# What a resolution fulfils, if it was not done before.
_BY_RESOLVING: Final = (*sorted(_WITH_THE_INCIDENT), PromiseKind.NEXT_UPDATE)
# How it ended where there is no cause to be found.
_NOTHING_TO_LEARN: Final = frozenset({Resolution.DUPLICATE, Resolution.NO_FAULT})
# What a reopened incident promises on.
_REOPENED: Final = (PromiseKind.RESOLVE, PromiseKind.MITIGATE)


def start(incident: Incident, *, now: datetime, since: datetime | None = None) -> list[Clock]:
    """Start the promises that the service's agreement makes for this severity, counted from `since`.

    The next update is promised from the first one on; where no first one is promised, from the opening on.
    """
    promised = terms_for(incident.service, incident.severity, now)
    clocks = _open(incident, [terms for terms in promised if _begins(terms, promised)], since or now, now)
    refresh_next_due(incident)
    return clocks


def _begins(terms: Terms, promised: Iterable[Terms]) -> bool:
    if terms.kind == PromiseKind.NEXT_UPDATE:
        return all(each.kind != PromiseKind.FIRST_UPDATE for each in promised)
    return terms.kind in _WITH_THE_INCIDENT


def _open(incident: Incident, promised: Iterable[Terms], since: datetime, now: datetime) -> list[Clock]:
    made = []
    for terms in promised:
        clock = stamp(incident, terms, since=since)
        begin(clock, incident, now)
        made.append(clock)
    return Clock.objects.bulk_create(made)


def settle(incident: Incident, *, now: datetime) -> None:
    """Let each promise count or stand still, as the incident is now: on hold for whom, and in whose hands."""
    for clock in live(incident):
        wanted = stands(clock, incident)
        if wanted and clock.state == ClockState.RUNNING:
            stop(clock, now)
        elif not wanted and clock.state == ClockState.PAUSED:
            go_on(clock, now)
        else:
            continue
        clock.save()
    refresh_next_due(incident)


def meet(incident: Incident, *kinds: str, now: datetime, actor: Actor = SYSTEM) -> list[Clock]:
    """What was promised to the client has been done. Too late is met late: the breach stays and is said."""
    met = [clock for clock in live(incident) if clock.basis == AgreementKind.SLA and clock.kind in kinds]
    meet_all(incident, met, now=now)
    return met


def meet_all(incident: Incident, clocks: Iterable[Clock], *, now: datetime) -> None:
    """These promises have been kept, or kept late."""
    for clock in clocks:
        if clock.state == ClockState.PAUSED:
            go_on(clock, now)
        if clock.breached_at is None and clock.due_at <= now:
            told.speak([told.breach(clock, incident, told.hands_of([incident]), now)], now)
        close(clock, ClockState.MET, now)
        clock.save()
    refresh_next_due(incident)


def updated(incident: Incident, *, now: datetime) -> None:
    """The client was told how it stands: the update that was due is given, and the next one is promised."""
    met = meet(incident, PromiseKind.FIRST_UPDATE, PromiseKind.NEXT_UPDATE, now=now)
    last = next((clock for clock in met if clock.kind == PromiseKind.NEXT_UPDATE), None)
    if not incident.is_open or (not met and incident.source == Source.IMPORT):
        return
    if last is None:
        if met:
            _begin_updates(incident, now)
        return
    clock = again(last, since=now, is_new=True)
    begin(clock, incident, now)
    clock.save()
    refresh_next_due(incident)


def _begin_updates(incident: Incident, now: datetime) -> None:
    """The first of the updates that come again and again, where any are promised."""
    for terms in terms_for(incident.service, incident.severity, now, kinds=[PromiseKind.NEXT_UPDATE]):
        clock = stamp(incident, terms, since=now, cycle=_next_cycle(incident, terms.kind), is_new=True)
        begin(clock, incident, now)
        clock.save()
    refresh_next_due(incident)


def resolved(incident: Incident, *, now: datetime, actor: Actor = SYSTEM) -> None:
    """It is over: what was promised until then is met, and what is promised afterwards begins, if it was a fault of its own."""
    meet(incident, *_BY_RESOLVING, now=now, actor=actor)
    if incident.source != Source.IMPORT and incident.resolution not in _NOTHING_TO_LEARN:
        _afterwards(incident, PromiseKind.RCA, now)


def hurts_again(incident: Incident, *, now: datetime) -> None:
    """It had been mitigated, and is not: that promise counts on; the time it was mitigated doesn't count."""
    last = _last(incident, PromiseKind.MITIGATE)
    if last is not None and _was_met(last):
        _count_on(incident, last, now, same=True)
        refresh_next_due(incident)


def delivered(incident: Incident, what: str, *, now: datetime) -> bool:
    """The root cause analysis, or the corrective action, was delivered; whether it was waited for.

    The action is promised from the analysis on.
    """
    met = meet(incident, what, now=now)
    if met and what == PromiseKind.RCA:
        _afterwards(incident, PromiseKind.ACTION, now)
    return bool(met)


def _afterwards(incident: Incident, kind: str, now: datetime) -> None:
    for terms in terms_for(incident.service, incident.severity, now, kinds=[kind]):
        clock = stamp(incident, terms, since=now, cycle=_next_cycle(incident, kind), is_new=True)
        begin(clock, incident, now)
        clock.save()


def _next_cycle(incident: Incident, kind: str) -> int:
    last = _last(incident, kind)
    return last.cycle + 1 if last is not None else 1


def _last(incident: Incident, kind: str) -> Clock | None:
    return incident.clocks.filter(kind=kind, basis=AgreementKind.SLA).order_by("-cycle").first()


def cancel(incident: Incident, *, now: datetime) -> None:
    """The promises no longer count: the incident was cancelled."""
    _cancel(live(incident), now)
    refresh_next_due(incident)


def _cancel(clocks: Iterable[Clock], now: datetime) -> None:
    for clock in clocks:
        close(clock, ClockState.CANCELLED, now)
        clock.save()


def reopen(incident: Incident, *, now: datetime) -> None:
    """Promise on: as the agreement says, the time while it stood resolved is a pause, or counts, or a new count begins.

    What was promised for afterwards is cancelled. A severity that was corrected meanwhile counts from here.
    """
    _cancel([clock for clock in live(incident) if clock.kind in {PromiseKind.RCA, PromiseKind.ACTION}], now)
    lasts = [last for last in (_last(incident, kind) for kind in _REOPENED) if _was_met(last)]
    for last in lasts:
        if last is not None:
            _count_on(incident, last, now)
    _update_again(incident, now)
    refresh_next_due(incident)
    resolve = next((last for last in lasts if last is not None and last.kind == PromiseKind.RESOLVE), None)
    if incident.source != Source.IMPORT and (resolve is None or resolve.severity != incident.severity):
        change_severity(incident, now=now)


def _was_met(clock: Clock | None) -> bool:
    return clock is not None and clock.state == ClockState.MET


def _count_on(incident: Incident, last: Clock, now: datetime, *, same: bool = False) -> None:
    """Promise it on: a new count, where the agreement wants one and it isn't the `same` outage, or the old one with what it
    stood still, as the timeline tells it."""
    if last.on_reopen == OnReopen.NEW and not same:
        clock = again(last, since=now, is_new=True)
    else:
        clock = again(last, since=last.started_at, is_new=False)
        stood = waits.of(incident, now, waits.stops_of(last))
        clock.pauses = [
            [each.start.isoformat(), each.end.isoformat()] for each in stood if each.end > last.started_at
        ]
        clock.warned_at, clock.breached_at, clock.rungs_done = (
            last.warned_at,
            last.breached_at,
            last.rungs_done,
        )
    clock.incident = incident
    replan(clock, now)
    if stands(clock, incident):
        stop(clock, now)
    clock.save()


def _update_again(incident: Incident, now: datetime) -> None:
    """The client hears of it again: the next update is promised from now on."""
    last = _last(incident, PromiseKind.NEXT_UPDATE)
    if last is None and _was_met(_last(incident, PromiseKind.FIRST_UPDATE)):
        _begin_updates(incident, now)
        return
    if last is None or not _was_met(last):
        return
    clock = again(last, since=now, is_new=True)
    clock.incident = incident
    begin(clock, incident, now)
    clock.save()
