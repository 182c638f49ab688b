"""Incidents as a subject of escalation runs: what rotas asks of them, and what it tells them."""

from collections.abc import Sequence
from datetime import datetime

from core.types import SYSTEM
from incidents.choices import ACKNOWLEDGE_BY_LINK, EntryKind
from incidents.domain.locks import lock_if_free
from incidents.domain.timeline import LINE_FIELDS, record
from incidents.models import Incident
from rotas.subjects import Brief, CallNote, register
from services.models import Service


class IncidentSubject:
    """See rotas.subjects.Subject."""

    def lock(self, subject_id: int) -> bool:
        return lock_if_free(subject_id) is not None

    def exists(self, subject_id: int) -> bool:
        return Incident.objects.filter(pk=subject_id).exists()

    def brief(self, subject_id: int) -> Brief:
        incident = Incident.objects.select_related("service__owning_team", "service__client").get(
            pk=subject_id
        )
        service = incident.service
        facts = [f"Service: {service.name} ({service.slug}), T{service.tier}, {service.client_name}"]
        if incident.summary:
            facts.append(incident.summary[:600])
        facts.append(f"State: {incident.get_state_display()}")
        return Brief(
            ref=incident.ref,
            title=incident.title,
            url=f"/incidents/{incident.ref}/",
            severity=incident.severity,
            still_open=incident.is_open,
            body="\n".join(facts),
            opened_at=incident.opened_at,
            team_lead_id=service.owning_team.lead_id,
            action=ACKNOWLEDGE_BY_LINK,
            remarks=_remarks(service),
        )

    def called(self, subject_id: int, notes: Sequence[CallNote], now: datetime) -> None:
        incident = Incident.objects.get(pk=subject_id)
        for note in notes:
            record(
                incident,
                EntryKind.CALL,
                note.text,
                actor=SYSTEM,
                now=now,
                data={"outcome": note.outcome, "user": note.user_id, "step": note.step, "round": note.round},
            )
        incident.save(update_fields=LINE_FIELDS)


def _remarks(service: Service) -> tuple[str, ...]:
    if service.is_supported:
        return ()
    return (f"{service.slug} was retired meanwhile: this incident is still open, so calling goes on.",)


register("incident", IncidentSubject())
