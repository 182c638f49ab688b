"""Opening an incident: the record, its promises, its call, all in one transaction."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from core import nudge
from core.errors import IllegalState, Invalid
from core.instants import check_known
from core.types import Actor
from incidents.choices import EntryKind, Source, Visibility
from incidents.domain import clocks, parties
from incidents.domain.major import call_lead_if_major
from incidents.domain.severity import from_matrix
from incidents.domain.timeline import LINE_FIELDS, record
from incidents.domain.writing import index
from incidents.models import Incident
from rotas.domain import escalation
from rotas.queries.policy import choose
from services.choices import Severity
from services.models import ModelVersion, Service


@transaction.atomic
def open_incident(
    *,
    service: Service,
    title: str,
    source: Source,
    actor: Actor,
    now: datetime,
    summary: str = "",
    impact: str = "",
    urgency: str = "",
    severity: str = "",
    severity_reason: str = "",
    reporter: User | None = None,
    model_version: ModelVersion | None = None,
    started_at: datetime | None = None,
    detected_at: datetime | None = None,
) -> Incident:
    """Open an incident, start its promises and its call.

    Severity comes from the matrix of impact × urgency. One given instead needs `severity_reason`
    where the matrix says otherwise. `started_at` and `detected_at` default to `now` and never lie after it.
    Raises Invalid (with the fields at fault, also for times before 1970) and IllegalState for a retired service.
    """
    if not service.is_supported:
        raise IllegalState(f"{service.slug} is retired; it opens no incidents.", code="service_retired")
    title = " ".join(title.split())[:200]
    if not title:
        raise Invalid("Say in a few words what is wrong.", fields={"title": "required"})
    chosen = choose_severity(impact, urgency, severity, severity_reason)
    detected = min(detected_at or now, now)
    started = min(started_at or detected, detected)
    check_known("detected_at", detected)
    check_known("started_at", started)
    incident = Incident(
        service=service,
        model_version=model_version,
        title=title,
        summary=summary,
        severity=chosen,
        impact=impact,
        urgency=urgency,
        severity_reason=severity_reason,
        source=source,
        reporter=reporter,
        party=parties.party_of_team(service.owning_team),
        started_at=started,
        detected_at=detected,
        opened_at=now,
    )
    incident.save()
    parties.hand_to(incident, incident.party, team=service.owning_team, now=now)
    if reporter is not None:
        parties.join(incident, reporter, "watcher", now=now)
    promised = clocks.start(incident, now=now)
    record(
        incident,
        EntryKind.OPENED,
        _opened_words(incident, len(promised)),
        actor=actor,
        now=now,
        visibility=Visibility.CLIENT,
        data={"severity": chosen, "impact": impact, "urgency": urgency, "source": source},
    )
    policy = choose(service, chosen, now)
    incident.save(update_fields=LINE_FIELDS)
    escalation.start("incident", incident.pk, policy, now=now)  # may itself say something on the timeline
    incident.refresh_from_db(fields=LINE_FIELDS)
    index(incident)
    call_lead_if_major(incident, actor=actor, now=now)
    nudge.nudge("rotas.tasks.escalate")
    nudge.nudge("notifications.tasks.deliver")
    return incident


def choose_severity(impact: str, urgency: str, severity: str, reason: str) -> Severity:
    """The matrix's severity, or the given one with its reason. Raises Invalid."""
    if not (impact and urgency):
        if not severity:
            raise Invalid(
                "Give impact and urgency, or a severity.",
                fields={"impact": "required without a severity", "urgency": "required without a severity"},
            )
        return Severity(severity)
    by_matrix = from_matrix(impact, urgency)
    if not severity or severity == by_matrix:
        return by_matrix
    if not reason.strip():
        raise Invalid(
            f"Impact and urgency make this {by_matrix}. Say why it should be {severity}.",
            fields={"severity_reason": "required when the severity differs from the matrix"},
        )
    return Severity(severity)


def _opened_words(incident: Incident, promises: int) -> str:
    words = f"Incident opened as {incident.severity}"
    if not promises:
        return words + "; no agreement, so no promises are counted"
    return words + f"; {promises} promise{'s' if promises != 1 else ''} started"
