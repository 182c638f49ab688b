"""The rows that one incident of the history leaves: clocks, calls, parties, lines, its alert. Unsaved."""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Team, User
from config.demo import words
from config.demo.plan import Past
from core import calendars
from core.intervals import Interval
from core.ui.words import duration
from incidents.choices import Resolution
from incidents.models import Clock, Entry, Incident, PartyInterval
from monitoring.models import Alert, Integration
from rotas.domain.terms import read, stamp
from rotas.models import Call, EscalationPolicy, EscalationRun
from services.models import Service
from services.queries.hours import to_json
from services.types import Terms

Crew = tuple[User, User]
_stamps: dict[int, dict[str, Any]] = {}


def clocks_of(incident: Incident, past: Past, terms: list[Terms]) -> list[Clock]:
    """The promises with the due times that their calendars give; late ones carry their breach."""
    return [_clock(incident, past, promise) for promise in terms]


def _clock(incident: Incident, past: Past, terms: Terms) -> Clock:
    met = past.acknowledged if terms.kind == "acknowledge" else None if past.cancelled else past.ended
    ended = met or past.ended
    pauses: tuple[Interval[datetime], ...] = ()
    if past.hold and terms.pausable and past.hold[0] < ended:
        pauses = (Interval(*past.hold),)
    due = calendars.add(terms.hours, past.opened, terms.target_seconds, pauses)
    warn = calendars.add(terms.hours, past.opened, terms.target_seconds * terms.warn_percent // 100, pauses)
    return Clock(
        incident=incident,
        kind=terms.kind,
        state="met" if met else "cancelled",
        agreement_name=terms.agreement_name,
        severity=past.severity,
        target_seconds=terms.target_seconds,
        warn_percent=terms.warn_percent,
        pausable=terms.pausable,
        hours=to_json(terms.hours),
        started_at=past.opened,
        due_at=due,
        warn_at=warn,
        pauses=[[pause.start.isoformat(), pause.end.isoformat()] for pause in pauses],
        warned_at=warn if warn <= ended else None,
        breached_at=due if due <= ended else None,
        met_at=met,
        ended_at=ended,
    )


def run_of(
    incident: Incident, past: Past, crew: Crew, policy: EscalationPolicy
) -> tuple[EscalationRun, list[Call]]:
    """The walk that ended when somebody acknowledged, and whom it had called by then."""
    if policy.pk not in _stamps:
        _stamps[policy.pk] = stamp(policy)
    stop = past.acknowledged or past.ended
    run = EscalationRun(
        subject_kind="incident",
        subject_id=incident.pk,
        policy=policy,
        policy_name=policy.name,
        terms=_stamps[policy.pk],
        state="stopped",
        started_at=past.opened,
        ended_at=stop,
        end_reason="acknowledged" if past.acknowledged else "cancelled",
    )
    calls, at = [], past.opened + timedelta(seconds=1)
    for index, step in enumerate(read(run.terms).steps[:2]):
        if at >= stop:
            break
        who = crew[min(index, 1)]
        calls.append(
            Call(
                round=0,
                step=index,
                user=who,
                outcome="called",
                at=at,
                why=f"on call of {step.targets[0].rota_name}",
            )
        )
        run.step = index + 1
        at += timedelta(seconds=step.wait_seconds)
    return run, calls


def intervals_of(
    incident: Incident, past: Past, crew: Crew, teams: Mapping[str, Team]
) -> list[PartyInterval]:
    """Who held the work from when to when."""
    l1, l2 = teams["l1"], teams["l2"]
    marks: list[tuple[datetime, str, Team | None]] = [(past.opened, "l1", l1)]
    after: tuple[str, Team] = ("l1", l1)
    if past.handed_to_l2 and past.acknowledged:
        after = ("l2", l2)
        marks.append((past.acknowledged + timedelta(minutes=1), *after))
    if past.hold:
        marks += [(past.hold[0], "client", None), (past.hold[1], *after)]
    ends = [starts for starts, _party, _team in marks[1:]] + [past.ended]
    return [
        PartyInterval(incident=incident, party=party, team=team, starts_at=starts, ends_at=max(starts, stops))
        for (starts, party, team), stops in zip(marks, ends, strict=True)
    ]


def entries_of(incident: Incident, past: Past, crew: Crew, chance: random.Random) -> list[Entry]:
    """The timeline, oldest line first."""
    first, last = crew
    said: list[tuple[datetime, str, str, User | None, str, dict[str, Any]]] = []

    def say(
        at: datetime, kind: str, text: str, who: User | None = None, *, client: bool = False, **data: Any
    ) -> None:
        said.append((at, kind, text, who, "client" if client else "internal", data))

    say(
        past.opened,
        "opened",
        f"Incident opened as {past.severity}; 2 promises started",
        client=True,
        severity=past.severity,
    )
    say(past.opened + timedelta(seconds=1), "call", f"Called {first}, on call of L1 follow-the-sun")
    if past.acknowledged:
        say(past.acknowledged, "state", f"{first} acknowledged", first, client=True, state="acknowledged")
        if past.handed_to_l2 and last != first:
            say(past.acknowledged + timedelta(minutes=1), "party", f"Handed on from L1 to L2: {last}", first)
        if not past.cancelled:
            _work(past, crew, chance, say)
    if past.cancelled:
        reason = chance.choice(words.CANCELLED)
        say(past.ended, "state", f"{first} cancelled it", first, client=True, state="cancelled", note=reason)
    else:
        how, spent = (
            Resolution(past.resolution).label.lower(),
            duration((past.ended - past.opened).total_seconds()),
        )
        said_now = f"{last} resolved it as {how}, open for {spent}"
        say(past.ended, "state", said_now, last, client=True, state="resolved", note=incident.resolution_note)
    if incident.closed_at:
        say(incident.closed_at, "state", f"{last} closed it", last, client=True, state="closed")
    said.sort(key=lambda line: line[0])
    return [
        Entry(
            incident=incident,
            kind=kind,
            visibility=visibility,
            happened_at=at,
            recorded_at=at,
            actor_kind="person" if who else "system",
            actor=who,
            actor_name=str(who) if who else "Mainstay",
            text=text,
            data=data,
        )
        for at, kind, text, who, visibility, data in said
    ]


def _work(past: Past, crew: Crew, chance: random.Random, say: Any) -> None:
    """What was found, tried and told between taking it and ending it."""
    begun = past.acknowledged or past.opened
    span = past.ended - begun
    for share, text in zip((0.15, 0.3), chance.sample(words.FINDINGS, 2), strict=True):
        if chance.random() < 0.75:
            say(begun + span * share, "note", text, crew[share > 0.2])
    if past.hold:
        reason = chance.choice(words.HOLDS)
        say(
            past.hold[0],
            "state",
            f"On hold, waits for Client: {reason}",
            crew[1],
            client=True,
            state="on_hold",
            party="client",
        )
        say(past.hold[1], "state", f"{crew[1]} resumed work", crew[1], client=True, state="investigating")
    else:
        say(begun + span * 0.34, "note", chance.choice(words.STEPS), crew[1])
    if past.mitigated:
        say(past.mitigated, "state", f"{crew[1]} mitigated it", crew[1], client=True, state="mitigated")
    if past.severity in {"SEV1", "SEV2"}:
        say(begun + span * 0.1, "note", words.CLIENT_NOTES[0], crew[1], client=True)
        say(past.ended - span * 0.05, "note", words.CLIENT_NOTES[1], crew[1], client=True)


def alert_of(incident: Incident, past: Past, service: Service, door: Integration) -> Alert:
    """The alert that opened it, resolved by now."""
    begun = past.opened - timedelta(seconds=3)
    over = past.mitigated or past.ended - (past.ended - past.opened) * 0.08
    return Alert(
        integration=door,
        identity=f"demo-{incident.pk}",
        status="resolved",
        severity="critical" if past.severity in {"SEV1", "SEV2"} else "warning",
        title=past.title,
        labels={
            "alertname": past.alert,
            "service": past.slug,
            "env": "production",
            "severity": past.severity.lower(),
        },
        annotations={"summary": past.title},
        service=service,
        service_hint=past.slug,
        starts_at=begun,
        ends_at=over,
        event_at=over,
        first_seen_at=begun,
        last_seen_at=over,
        count=2 + int((over - begun).total_seconds() // 300) % 40,
    )
