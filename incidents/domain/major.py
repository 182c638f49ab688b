"""What a severe incident sets going beside its promises: the team's lead, the owner, and calls by its policy."""

from datetime import datetime

from accounts.models import User
from core import nudge
from core.types import Actor
from incidents.choices import EntryKind
from incidents.domain.timeline import LINE_FIELDS, record
from incidents.domain.writing import tell
from incidents.models import Incident
from incidents.rules import can_work
from rotas import subjects
from rotas.domain import escalation, last_resort
from rotas.queries.policy import choose
from services.choices import Severity

CALLING = (Severity.SEV1, Severity.SEV2)
NO_LEAD = "a major incident, and its team has no active lead"


def call_lead_if_major(incident: Incident, *, actor: Actor, now: datetime) -> None:
    """A SEV1 is the lead's business at once; where there is none, that of the leads and administrators."""
    if incident.severity != Severity.SEV1:
        return
    lead = incident.service.owning_team.lead
    if lead is None or not can_work(lead):
        brief = subjects.subject_of("incident").brief(incident.pk)
        told = last_resort.tell_without_run("incident", incident.pk, brief, NO_LEAD, now=now)
        record(incident, EntryKind.CALL, f"The owning team has no active lead. {told}", actor=actor, now=now)
        incident.save(update_fields=LINE_FIELDS)
        return
    _tell(incident, [lead], "major incident", actor=actor, now=now)


def call_again(incident: Incident, *, actor: Actor, now: datetime) -> None:
    """It was raised, and its severity calls: the owner hears of it, and its policy calls whoever acknowledged before.

    A run that calls by that policy already goes on. The caller holds the incident, which is open.
    """
    if incident.severity not in CALLING:
        return
    _tell(incident, [incident.owner], f"raised to {incident.severity}", actor=actor, now=now)
    policy = choose(incident.service, incident.severity, now)
    if not escalation.calls_by("incident", incident.pk, policy):
        if policy is not None:
            words = f"Raised to {incident.severity}: the policy {policy.name} calls from its first step"
            record(incident, EntryKind.CALL, words, actor=actor, now=now)
            incident.save(update_fields=LINE_FIELDS)
        reason = f"raised to {incident.severity}"
        escalation.start_over("incident", incident.pk, policy, reason=reason, now=now)
        incident.refresh_from_db(fields=LINE_FIELDS)
        nudge.nudge("rotas.tasks.escalate")
    call_lead_if_major(incident, actor=actor, now=now)


def _tell(incident: Incident, people: list[User | None], what: str, *, actor: Actor, now: datetime) -> None:
    tell(
        incident,
        people,
        what,
        kind="incident.major",
        # lowered and raised again is news
        key=f"incident:{incident.pk}:major:{incident.version}",
        actor=actor,
        now=now,
        urgent=True,
    )
