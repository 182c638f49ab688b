"""Alerts that have had no data for a while: a critical one is somebody's business, though not as urgently."""

from datetime import datetime
from functools import partial

from django.db import transaction

from core.patience import unless_busy
from core.types import machine
from incidents.choices import EntryKind, Source, Urgency
from incidents.domain.joining import link, recent, tied
from incidents.domain.locks import lock, try_service
from incidents.domain.opening import open_incident
from incidents.domain.severity import of_signal
from incidents.domain.standing_back import stand_back, work_each
from incidents.domain.timeline import record
from incidents.domain.writing import save
from incidents.models import Incident
from monitoring.choices import AlertStatus, SignalSeverity
from monitoring.models import Alert
from monitoring.queries.rules_of import worst_severity
from services.models import Service

BATCH = 50


def tick(now: datetime) -> int:
    """Look at the alerts whose blindness is due; how many. The first error is raised at the end."""
    due = Alert.objects.filter(blind_due_at__lte=now).order_by("blind_due_at")
    waiting = list(due.values_list("pk", "service_id")[:BATCH])
    return work_each(
        waiting,
        lambda keys: unless_busy(partial(_one, *keys, now), otherwise=0),
        lambda keys: stand_back(due, keys[0], "blind_due_at", now),
    )


@transaction.atomic
def _one(pk: int, service_id: int | None, now: datetime) -> int:
    if service_id is not None and not try_service(service_id):
        return 0
    alert = (
        Alert.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
        .select_related("service__owning_team__lead", "service__client", "integration")
        .filter(pk=pk, blind_due_at__lte=now)
        .first()
    )
    if alert is None or alert.service_id != service_id:
        return 0
    alert.blind_due_at = None
    alert.save(update_fields=["blind_due_at"])
    service = alert.service
    if (
        alert.status == AlertStatus.NO_DATA
        and service is not None
        and service.is_supported
        and worst_severity(alert) == SignalSeverity.CRITICAL
    ):
        _tell(alert, service, now)
    return 1


def _tell(alert: Alert, service: Service, now: datetime) -> None:
    """Open an incident of middling urgency, or join the one that is open."""
    actor = machine(alert.integration.name)
    incident = next(iter(tied(alert, service)), None) or recent(service.pk, now)
    if incident is None:
        impact, _ = of_signal(service, alert.severity)
        title = alert.title if alert.title.startswith("No data") else f"No data: {alert.title}"
        incident = open_incident(
            service=service,
            title=title,
            summary=alert.body,
            source=Source.ALERT,
            actor=actor,
            now=now,
            impact=impact,
            urgency=Urgency.MEDIUM,
            started_at=alert.event_at,
            detected_at=now,
        )
    if link(incident, alert, now):
        _line(lock(incident.pk), alert, now)


def _line(incident: Incident, alert: Alert, now: datetime) -> None:
    record(
        incident,
        EntryKind.ALERT,
        f"{alert.title}: still no data; nobody knows whether it is well",
        actor=machine(alert.integration.name),
        now=now,
        data={"alert": alert.pk, "change": "no_data", "count": alert.count},
    )
    save(incident, [])
