"""When the last of its alerts is over, an incident is too, where the service says so."""

from datetime import datetime

from core.types import Actor
from incidents.choices import Resolution, Source
from incidents.domain import lifecycle
from incidents.models import Incident
from monitoring.choices import AlertStatus
from monitoring.models import Alert
from monitoring.queries.rules_of import is_over
from monitoring.types import VANISHED


def heal(incident: Incident, *, actor: Actor, now: datetime) -> None:
    """Resolve it if its service says so and all of its alerts are over."""
    if not incident.service.auto_resolve or incident.source != Source.ALERT or not incident.is_open:
        return
    alerts = Alert.objects.filter(incident_links__incident=incident)
    if alerts.exclude(status=AlertStatus.RESOLVED).exists() or not alerts.exists():
        return
    if all(is_over(alert) for alert in alerts.filter(resolve_reason__in=VANISHED)):
        lifecycle.resolve(
            incident,
            actor=actor,
            now=now,
            resolution=Resolution.SELF_HEALED,
            note="All of its alerts have resolved.",
        )
