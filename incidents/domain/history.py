"""Incidents taken over from elsewhere, as they were: rows only.

No promise is counted, nobody is called, no message is written, whatever state an incident is in. What the
verbs keep on the record (last line, version, search words) stands as if they had written it.
"""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from accounts.models import Team, User
from core.copying import copy_in, reserve_keys
from core.search import vectors
from core.types import Actor
from incidents.choices import ActorKind, Source
from incidents.domain.timeline import summarise
from incidents.domain.writing import found_by
from incidents.models import Entry, Incident, PartyInterval
from incidents.types import Past, PastLine, PastParty
from services.choices import Party
from services.models import Service

_PARTY = ("incident_id", "party", "team_id", "starts_at", "ends_at")
_LINE = (
    "incident_id", "kind", "visibility", "happened_at", "recorded_at", "actor_kind", "actor_name", "text", "data",
)  # fmt: skip


def take_over(
    pasts: Sequence[Past],
    *,
    services: Mapping[str, Service],
    teams: Mapping[str, Team],
    people: Mapping[str, User] | None = None,
) -> list[Incident]:
    """Write these incidents in their order, as part of the caller's transaction; returns them saved.

    `services` and `teams` are by slug and hold every one that is named; a person who isn't in `people`
    (by e-mail address) owns nothing. A line was recorded when it happened: the other system wrote it down.
    """
    keys = reserve_keys(Incident, len(pasts))
    made = [
        _incident(key, past, services[past.service], (people or {}).get(past.owner))
        for key, past in zip(keys, pasts, strict=True)
    ]
    for incident, search in zip(made, vectors(map(found_by, made)), strict=True):
        incident.search = search
    columns = [field.attname for field in Incident._meta.concrete_fields]
    copy_in(Incident, columns, map(attrgetter(*columns), made))
    both = list(zip(made, pasts, strict=True))
    copy_in(
        PartyInterval,
        _PARTY,
        (_held(incident, held, teams) for incident, past in both for held in past.parties),
    )
    copy_in(Entry, _LINE, (_entry(incident, line) for incident, past in both for line in past.lines))
    return made


def _incident(key: int, past: Past, service: Service, owner: User | None) -> Incident:
    last = past.lines[-1]
    return Incident(
        pk=key,
        service=service,
        title=past.title,
        summary=past.summary,
        state=past.state,
        severity=past.severity,
        impact=past.impact,
        urgency=past.urgency,
        severity_reason=past.severity_reason,
        source=Source.IMPORT,
        owner=owner,
        party=past.parties[-1].party if past.parties else Party.L1,
        hold_party=past.hold_party or "",
        hold_reason=past.hold_reason,
        resolution=past.resolution or "",
        resolution_note=past.resolution_note,
        started_at=past.started_at or past.detected_at or past.opened_at,
        detected_at=past.detected_at or past.opened_at,
        acknowledged_at=past.acknowledged_at,
        mitigated_at=past.mitigated_at,
        resolved_at=past.resolved_at,
        closed_at=past.closed_at,
        opened_at=past.opened_at,
        reopened_count=past.reopened_count,
        last_entry=summarise(last.kind, last.text, _actor(last)),
        last_entry_at=last.at,
        version=len(past.lines),
    )


def _held(incident: Incident, held: PastParty, teams: Mapping[str, Team]) -> tuple[Any, ...]:
    team = teams[held.team].pk if held.team else None
    return incident.pk, held.party, team, held.starts_at, held.ends_at


def _entry(incident: Incident, line: PastLine) -> tuple[Any, ...]:
    actor = _actor(line)
    return (
        incident.pk, line.kind, line.visibility, line.at, line.at, actor.kind, actor.name[:160], line.text, dict(line.data),
    )  # fmt: skip


def _actor(line: PastLine) -> Actor:
    """A person known by name only; what the other system leaves unsaid was done by nobody in particular."""
    return Actor(kind=ActorKind.PERSON if line.who else ActorKind.SYSTEM, name=line.who)
