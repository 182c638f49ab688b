"""Incidents as a subject of escalation runs: what rotas asks of them, and what it tells them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db.models import QuerySet

from accounts.choices import Role
from core.types import SYSTEM
from incidents.choices import ACKNOWLEDGE_BY_LINK, EntryKind
from incidents.domain.locks import lock_free, lock_if_free
from incidents.domain.timeline import LINE_FIELDS, entry_for
from incidents.models import Entry, Incident, IncidentAlert
from rotas.queries.support import support_of
from rotas.subjects import Brief, CallNote, Subject, SupportHours, register
from services.models import Service

# Whose lines are a sign of life: people of support; a client who asks is none.
_ANSWERS = [Role.RESPONDER, Role.LEAD, Role.ADMINISTRATOR]


class IncidentSubject(Subject):
    """See rotas.subjects.Subject."""

    def lock(self, subject_id: int) -> bool:
        return lock_if_free(subject_id) is not None

    def lock_free(self, subject_ids: Collection[int]) -> set[int]:
        return {incident.pk for incident in lock_free(subject_ids)}

    def exists(self, subject_id: int) -> bool:
        return bool(self.existing([subject_id]))

    def existing(self, subject_ids: Collection[int]) -> set[int]:
        return set(Incident.objects.filter(pk__in=subject_ids).values_list("pk", flat=True))

    def brief(self, subject_id: int) -> Brief:
        return _brief(_briefed().get(pk=subject_id))

    def briefs(self, subject_ids: Collection[int]) -> dict[int, Brief]:
        return {key: _brief(incident) for key, incident in _briefed().in_bulk(subject_ids).items()}

    def hours(self, subject_ids: Collection[int], now: datetime) -> dict[int, SupportHours]:
        rows = Incident.objects.filter(pk__in=subject_ids).select_related(
            "service__client", "service__support_calendar"
        )
        found = {incident.pk: support_of(incident.service, now) for incident in rows}
        return {key: hours for key, hours in found.items() if hours is not None}

    def alerts(self, subject_id: int, since: datetime) -> int:
        return IncidentAlert.objects.filter(incident=subject_id, alert__last_seen_at__gte=since).count()

    def quiet_since(self, subject_id: int) -> datetime | None:
        incident = Incident.objects.get(pk=subject_id)
        if incident.hold_reason or not incident.is_open:
            return None
        said = Entry.objects.filter(incident=subject_id, actor__role__in=_ANSWERS)
        return (
            said.order_by("-recorded_at").values_list("recorded_at", flat=True).first() or incident.opened_at
        )

    def called(self, subject_id: int, notes: Sequence[CallNote], now: datetime) -> None:
        self.called_all({subject_id: notes}, now)

    def called_all(self, notes: Mapping[int, Sequence[CallNote]], now: datetime) -> None:
        incidents = Incident.objects.in_bulk(notes)
        lines = [_line(incidents[key], note, now) for key, those in notes.items() for note in those]
        Entry.objects.bulk_create(lines)
        Incident.objects.bulk_update(incidents.values(), LINE_FIELDS)


def _briefed() -> QuerySet[Incident]:
    return Incident.objects.select_related("service__owning_team", "service__client")


def _brief(incident: Incident) -> Brief:
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
        owner_id=incident.owner_id,
    )


def _line(incident: Incident, note: CallNote, now: datetime) -> Entry:
    data = {"outcome": note.outcome, "user": note.user_id, "step": note.step, "round": note.round}
    return entry_for(incident, EntryKind.CALL, note.text, actor=SYSTEM, now=now, data=data)


def _remarks(service: Service) -> tuple[str, ...]:
    if service.is_supported:
        return ()
    return (f"{service.slug} was retired meanwhile: this incident is still open, so calling goes on.",)


register("incident", IncidentSubject())
