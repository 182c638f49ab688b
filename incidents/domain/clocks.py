"""SLA clocks: start, pause, resume, meet, warn, breach, each effect once.

Verbs are called under the incident's lock and within its transaction; the tick takes the same lock
first. Terms are stamped on the clock at its start, so an agreement edited tomorrow changes nothing tonight.
"""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from core import meter
from core.intervals import Interval
from core.types import SYSTEM, Actor
from core.ui.words import duration
from incidents.choices import ClockState, EntryKind
from incidents.domain import promise
from incidents.domain.locks import lock_if_free
from incidents.domain.timeline import LINE_FIELDS, record
from incidents.models import Clock, Incident
from notifications.domain.outbox import announce
from notifications.types import Announcement
from rotas.queries.calls import called_people
from services.choices import PromiseKind
from services.queries.agreement import terms_for
from services.queries.hours import from_json, to_json

_LIVE = [ClockState.RUNNING, ClockState.PAUSED]


def start(incident: Incident, *, now: datetime, since: datetime | None = None) -> list[Clock]:
    """Start the promises that the service's agreement makes for this severity, counted from `since`."""
    begun = since or now
    clocks = []
    for terms in terms_for(incident.service, incident.severity, now):
        clock = Clock(
            incident=incident,
            kind=terms.kind,
            agreement_name=terms.agreement_name,
            severity=incident.severity,
            target_seconds=terms.target_seconds,
            warn_percent=terms.warn_percent,
            pausable=terms.pausable,
            hours=to_json(terms.hours),
            started_at=begun,
            due_at=begun,
        )
        _replan(clock, now)
        clock.save()
        clocks.append(clock)
    refresh_next_due(incident)
    return clocks


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
            clock.pauses = [*clock.pauses[:-1], [clock.pauses[-1][0], now.isoformat()]]
            clock.paused_at, clock.left_seconds, clock.state = None, None, ClockState.RUNNING
            _replan(clock, now)
            clock.save()
    refresh_next_due(incident)


def meet(incident: Incident, kind: PromiseKind, *, now: datetime, actor: Actor = SYSTEM) -> None:
    """What was promised has been done. Too late is met late: the breach stays and is said."""
    for clock in live(incident):
        if clock.kind != kind:
            continue
        if clock.state == ClockState.PAUSED:
            clock.pauses = [*clock.pauses[:-1], [clock.pauses[-1][0], now.isoformat()]]
        elif clock.breached_at is None and clock.due_at <= now:
            _breach(clock, incident, now)
        clock.state, clock.met_at, clock.ended_at = ClockState.MET, now, now
        clock.next_at = clock.paused_at = clock.left_seconds = None
        clock.save()
    refresh_next_due(incident)


def cancel(incident: Incident, *, now: datetime) -> None:
    """The promises no longer count: the incident was cancelled."""
    for clock in live(incident):
        clock.state, clock.ended_at = ClockState.CANCELLED, now
        clock.next_at = clock.paused_at = clock.left_seconds = None
        clock.save()
    refresh_next_due(incident)


def reopen(incident: Incident, *, now: datetime) -> None:
    """Count the resolve promise on: the time while it stood resolved is a pause, what was used stays used."""
    last = incident.clocks.filter(kind=PromiseKind.RESOLVE, state=ClockState.MET).order_by("-cycle").first()
    if last is None or last.ended_at is None:
        return
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
        pauses=[*last.pauses, [last.ended_at.isoformat(), now.isoformat()]],
        warned_at=last.warned_at,
        breached_at=last.breached_at,
        cycle=last.cycle + 1,
    )
    _replan(again, now)
    again.save()
    refresh_next_due(incident)


def change_severity(incident: Incident, *, now: datetime) -> None:
    """Other terms for what still counts; the time already used, and a breach, stay."""
    new_terms = {terms.kind: terms for terms in terms_for(incident.service, incident.severity, now)}
    for clock in live(incident):
        terms = new_terms.get(clock.kind)
        if terms is None:
            clock.state, clock.ended_at, clock.next_at = ClockState.CANCELLED, now, None
            clock.paused_at = clock.left_seconds = None
            clock.save()
            continue
        clock.severity, clock.agreement_name = incident.severity, terms.agreement_name
        clock.target_seconds, clock.warn_percent = terms.target_seconds, terms.warn_percent
        clock.hours = to_json(terms.hours)
        _replan(clock, now)
        if clock.state == ClockState.PAUSED:
            clock.left_seconds = promise.left(terms_of(clock, now), now)
        clock.save()
    refresh_next_due(incident)


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


def tick(now: datetime, *, limit: int = 100) -> int:
    """Do what clocks have due: warn or breach. Returns how many were worked."""
    due = Clock.objects.filter(next_at__lte=now).order_by("next_at").values_list("pk", "incident_id")[:limit]
    return sum(_work(clock_id, incident_id, now) for clock_id, incident_id in list(due))


@transaction.atomic
def _work(clock_id: int, incident_id: int, now: datetime) -> int:
    incident = lock_if_free(incident_id)
    if incident is None:
        return 0
    clock = Clock.objects.select_for_update(skip_locked=True).filter(pk=clock_id, next_at__lte=now).first()
    if clock is None:
        return 0
    meter.late("clocks", clock.next_at, now)
    effects = promise.decide(
        promise.Plan(warn_at=clock.warn_at or clock.due_at, due_at=clock.due_at),
        now,
        warned=clock.warned_at is not None,
        breached=clock.breached_at is not None,
    )
    if effects.breach:
        _breach(clock, incident, now)
    elif effects.warn:
        _warn(clock, incident, now)
    clock.next_at = _next(clock)
    clock.save(update_fields=["next_at", "warned_at", "breached_at"])
    incident.save(update_fields=LINE_FIELDS)
    return 1


def _replan(clock: Clock, now: datetime) -> None:
    planned = promise.plan(terms_of(clock, now))
    clock.warn_at, clock.due_at = planned.warn_at, planned.due_at
    clock.next_at = _next(clock) if clock.state == ClockState.RUNNING else None


def _next(clock: Clock) -> datetime | None:
    return promise.next_event(
        promise.Plan(warn_at=clock.warn_at or clock.due_at, due_at=clock.due_at),
        warned=clock.warned_at is not None,
        breached=clock.breached_at is not None,
    )


def _warn(clock: Clock, incident: Incident, now: datetime) -> None:
    clock.warned_at = now
    rest = duration(max(int((clock.due_at - now).total_seconds()), 0))
    words = f"{clock.get_kind_display()} is due in {rest}"
    _speak(clock, incident, now, words=words, rung="warn", people=_hands(incident))


def _breach(clock: Clock, incident: Incident, now: datetime) -> None:
    clock.breached_at = clock.due_at
    clock.warned_at = clock.warned_at or now
    words = f"{clock.get_kind_display()} is late: it was promised within {duration(clock.target_seconds)}"
    lead = incident.service.owning_team.lead
    people = {person.pk: person for person in [*_hands(incident), *([lead] if lead else [])]}
    _speak(clock, incident, now, words=words, rung="breach", people=list(people.values()))


def _speak(
    clock: Clock, incident: Incident, now: datetime, *, words: str, rung: str, people: list[User]
) -> None:
    record(
        incident,
        EntryKind.CLOCK,
        words,
        actor=SYSTEM,
        now=now,
        data={"clock": clock.pk, "kind": clock.kind, "rung": rung, "due_at": clock.due_at.isoformat()},
    )
    announce(
        Announcement(
            key=f"clock:{clock.pk}:{clock.cycle}:{rung}",
            kind=f"clock.{rung}",
            urgency="urgent" if rung == "breach" else "ordinary",
            subject=f"{incident.severity} {incident.ref}: {words}"[:200],
            body=incident.title,
            url=f"/incidents/{incident.ref}/",
            about_kind="incident",
            about_ref=incident.ref,
            data={"severity": incident.severity, "story": clock.kind},
        ),
        people,
        now=now,
    )


def _hands(incident: Incident) -> list[User]:
    """Whose hands it is in: the owner, else whoever was called so far, else the team's lead."""
    if incident.owner is not None:
        return [incident.owner]
    called = called_people("incident", incident.pk)
    lead = incident.service.owning_team.lead
    return called or ([lead] if lead else [])


def remaining(clock: Clock, now: datetime) -> timedelta:
    """Business time left at `now`, by the stamped calendar; negative when late."""
    if clock.state == ClockState.PAUSED and clock.left_seconds is not None:
        return timedelta(seconds=clock.left_seconds)
    return timedelta(seconds=promise.left(terms_of(clock, now), now))
