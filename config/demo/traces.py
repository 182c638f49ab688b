"""The rows that one incident of the history leaves: clocks, calls, parties, lines, its alert. Unsaved."""

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from accounts.models import Team, User
from config.demo import story
from config.demo.plan import Past
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
    return [
        Clock(incident=incident, hours=to_json(promise.hours), **story.promise_of(past, promise))
        for promise in terms
    ]


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


def intervals_of(incident: Incident, past: Past, teams: Mapping[str, Team]) -> list[PartyInterval]:
    """Who held the work from when to when."""
    return [
        PartyInterval(incident=incident, party=party, team=teams.get(party), starts_at=starts, ends_at=ends)
        for party, starts, ends in story.holders_of(past)
    ]


def entries_of(incident: Incident, past: Past, crew: Crew, chance: random.Random) -> list[Entry]:
    """The timeline, oldest line first."""
    return [
        Entry(
            incident=incident,
            kind=line.kind,
            visibility="client" if line.client else "internal",
            happened_at=line.at,
            recorded_at=line.at,
            actor_kind="person" if line.who else "system",
            actor=line.who,
            actor_name=str(line.who or "Mainstay"),
            text=line.text,
            data=line.data,
        )
        for line in story.lines_of(past, crew, incident.resolution_note, incident.closed_at, chance)
    ]


def alert_of(incident: Incident, past: Past, service: Service, door: Integration) -> Alert:
    """The alert that opened it, resolved by now."""
    fields = story.alert_of(past)
    return Alert(integration=door, identity=f"demo-{incident.pk}", service=service, **fields)
