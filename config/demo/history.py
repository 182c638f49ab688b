"""Four months of ended incidents, written as rows: no engine runs, nobody is called, nothing is sent."""

import random
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from accounts.models import Team, User
from config.demo import SEED, words
from config.demo.duty import Duty
from config.demo.plan import DAYS, Past, pasts
from config.demo.traces import alert_of, clocks_of, entries_of, intervals_of, run_of
from core.search import normalise
from incidents.choices import ParticipantRole
from incidents.models import Clock, Entry, Incident, IncidentAlert, Participant, PartyInterval
from monitoring.models import Alert, AlertChange, Integration
from rotas.models import Call, EscalationRun
from rotas.queries.policy import choose
from services.models import Service
from services.queries.agreement import terms_for
from services.types import Terms

BATCH = 500


def load_history(now: datetime) -> int:
    """Write the history up to `now`. Returns how many incidents it holds."""
    chance = random.Random(SEED)
    plans = pasts(chance, now)
    services = {service.slug: service for service in Service.objects.select_related("client", "owning_team")}
    teams = {team.kind: team for team in Team.objects.filter(kind__in=["l1", "l2"])}
    lead = User.objects.get(pk=teams["l1"].lead_id)
    duty = Duty(now - timedelta(days=DAYS + 2), now + timedelta(hours=1))
    crews = [_crew(duty, past, lead, chance) for past in plans]
    incidents = Incident.objects.bulk_create(
        [
            _incident(past, services[past.slug], crew, now, chance)
            for past, crew in zip(plans, crews, strict=True)
        ],
        batch_size=BATCH,
    )
    stories = list(zip(incidents, plans, crews, strict=True))
    _write_promises(stories, services, now)
    _write_runs(stories, services)
    PartyInterval.objects.bulk_create(
        [
            interval
            for incident, past, _crew_of in stories
            for interval in intervals_of(incident, past, teams)
        ],
        batch_size=BATCH,
    )
    Participant.objects.bulk_create(
        Participant(
            incident=incident, user=crew[0], role=ParticipantRole.RESPONDER, joined_at=past.acknowledged
        )
        for incident, past, crew in stories
        if past.acknowledged
    )
    _write_timelines(stories, chance, now)
    _write_alerts(stories, services, chance, now)
    _write_search(incidents, services)
    return len(incidents)


def _crew(duty: Duty, past: Past, lead: User, chance: random.Random) -> tuple[User, User]:
    """Who took it, and who ended it."""
    at = past.acknowledged or past.ended
    first = duty.who("l1", at) or lead
    second = (duty.who("l2", at) or lead) if past.handed_to_l2 else first
    return (first, second) if chance.random() < 0.95 else (lead, second)


def _incident(
    past: Past, service: Service, crew: tuple[User, User], now: datetime, chance: random.Random
) -> Incident:
    closed = past.closed if past.closed and past.closed < now else None
    state = "cancelled" if past.cancelled else "closed" if closed else "resolved"
    return Incident(
        service=service,
        title=past.title,
        state=state,
        severity=past.severity,
        source="alert" if past.by_alert else chance.choice(["portal", "portal", "api", "slack", "email"]),
        owner=crew[1] if past.acknowledged else None,
        party="l2" if past.handed_to_l2 else "l1",
        resolution=past.resolution,
        resolution_note=chance.choice(words.ENDINGS[past.resolution]) if past.resolution else "",
        started_at=past.opened - timedelta(seconds=chance.randint(20, 420)),
        detected_at=past.opened - timedelta(seconds=chance.randint(0, 15)),
        opened_at=past.opened,
        acknowledged_at=past.acknowledged,
        mitigated_at=past.mitigated,
        resolved_at=None if past.cancelled else past.ended,
        closed_at=closed,
        version=4,
    )


def _write_promises(stories: list[Any], services: dict[str, Service], now: datetime) -> None:
    terms: dict[tuple[str, str], list[Terms]] = {}
    for _incident_row, past, _crew_of in stories:
        key = (past.slug, past.severity)
        if key not in terms:
            terms[key] = terms_for(services[past.slug], past.severity, now, kinds=("acknowledge", "resolve"))
    clocks = [
        clock
        for incident, past, _crew_of in stories
        for clock in clocks_of(incident, past, terms[past.slug, past.severity])
    ]
    Clock.objects.bulk_create(clocks, batch_size=BATCH)


def _write_runs(stories: list[Any], services: dict[str, Service]) -> None:
    stamped: dict[tuple[str, str], Any] = {}
    runs, calls = [], []
    for incident, past, crew in stories:
        key = (past.slug, past.severity)
        if key not in stamped:
            stamped[key] = choose(services[past.slug], past.severity)
        run, made = run_of(incident, past, crew, stamped[key])
        runs.append(run)
        calls.append(made)
    EscalationRun.objects.bulk_create(runs, batch_size=BATCH)
    for run, made in zip(runs, calls, strict=True):
        for call in made:
            call.run = run
    Call.objects.bulk_create([call for made in calls for call in made], batch_size=BATCH)


def _write_timelines(stories: list[Any], chance: random.Random, now: datetime) -> None:
    entries: list[Entry] = []
    touched = []
    for incident, past, crew in stories:
        made = entries_of(incident, past, crew, chance)
        incident.last_entry, incident.last_entry_at = made[-1].text[:200], made[-1].happened_at
        touched.append(incident)
        entries += made
    Entry.objects.bulk_create(entries, batch_size=1000)
    Incident.objects.bulk_update(touched, ["last_entry", "last_entry_at"], batch_size=BATCH)


def _write_alerts(
    stories: list[Any], services: dict[str, Service], chance: random.Random, now: datetime
) -> None:
    doors = list(Integration.objects.filter(source__in=["alertmanager", "grafana"], service=None))
    owners, alerts = [], []
    for incident, past, _crew_of in stories:
        if past.by_alert:
            owners.append(incident)
            alerts.append(alert_of(incident, past, services[past.slug], chance.choice(doors)))
    Alert.objects.bulk_create(alerts, batch_size=BATCH)
    changes = []
    for alert in alerts:
        for kind, at in (("fired", alert.starts_at), ("resolved", alert.ends_at)):
            # Handled already: nobody shall open an incident for what is over.
            changes.append(AlertChange(alert=alert, kind=kind, at=at, event_at=at, handled_at=at))
    AlertChange.objects.bulk_create(changes, batch_size=1000)
    IncidentAlert.objects.bulk_create(
        IncidentAlert(incident=incident, alert=alert, linked_at=incident.opened_at)
        for incident, alert in zip(owners, alerts, strict=True)
    )


def _write_search(incidents: list[Incident], services: dict[str, Service]) -> None:
    """The search column, the words as `incidents.domain.writing.index` takes them, in one statement."""
    by_key = defaultdict(
        str,
        {service.pk: f"{service.slug} {service.name} {service.client_name}" for service in services.values()},
    )
    rows = [
        (incident.pk, normalise(f"{incident.ref} {incident.title} {by_key[incident.service_id]}"))
        for incident in incidents
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE incidents_incident SET search = to_tsvector('simple', words.text) "
            "FROM unnest(%s::bigint[], %s::text[]) AS words(id, text) WHERE incidents_incident.id = words.id",
            [[key for key, _text in rows], [text for _key, text in rows]],
        )
