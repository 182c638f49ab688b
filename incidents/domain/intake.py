"""From alerts to incidents: each transition that monitoring left is claimed once, in its order.

Alerts of one service within a window join its open incident. When the last of an incident's alerts
resolves, the incident does too, where the service says so.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from core.types import Actor, machine
from incidents.choices import OPEN_STATES, EntryKind, Resolution, Source, State
from incidents.domain import lifecycle
from incidents.domain.edit import raise_severity
from incidents.domain.locks import lock
from incidents.domain.opening import open_incident
from incidents.domain.severity import from_matrix, of_signal
from incidents.domain.timeline import record
from incidents.domain.writing import save
from incidents.models import Incident, IncidentAlert
from monitoring.choices import AlertStatus, ChangeKind
from monitoring.models import Alert, AlertChange
from services.models import Service

_LOCK_SPACE = 7_301  # the first key of our advisory locks on services


def tick(now: datetime, *, limit: int = 50) -> int:
    """Claim waiting transitions, oldest first. Returns how many were handled."""
    waiting = list(_waiting().order_by("pk").values_list("pk", flat=True)[:limit])
    return sum(_handle_one(change_id, now) for change_id in waiting)


@transaction.atomic
def _handle_one(change_id: int, now: datetime) -> int:
    change = (
        _waiting()
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("alert__service__owning_team__lead", "alert__service__client", "alert__integration")
        .filter(pk=change_id)
        .first()
    )
    if change is None:
        return 0
    alert = change.alert
    service = alert.service
    if service is not None and service.is_supported:
        with connection.cursor() as cursor:  # one service's alerts queue up; other services don't wait
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_SPACE, service.pk % 2**31])
        if change.kind in {ChangeKind.FIRED, ChangeKind.REFIRED}:
            _fired(change, alert, service, now)
        else:
            _eased(change, alert, service, now)
    change.handled_at = now
    change.save(update_fields=["handled_at"])
    return 1


def _waiting() -> QuerySet[AlertChange]:
    """Unhandled transitions with no earlier unhandled one of the same alert: order is kept."""
    earlier = AlertChange.objects.filter(
        alert=OuterRef("alert"), pk__lt=OuterRef("pk"), handled_at__isnull=True
    )
    return AlertChange.objects.filter(~Exists(earlier), handled_at__isnull=True)


def _fired(change: AlertChange, alert: Alert, service: Service, now: datetime) -> None:
    if alert.severity == "info":
        return  # informs; it opens nothing and joins nothing
    actor = machine(alert.integration.name)
    impact, urgency = of_signal(service, alert.severity)
    incident = _own(alert) or _recent(service, now) or _healed(alert, now)
    if incident is None:
        incident = open_incident(
            service=service,
            title=alert.title,
            summary=alert.body,
            source=Source.ALERT,
            actor=actor,
            now=now,
            impact=impact,
            urgency=urgency,
            started_at=alert.starts_at,
            detected_at=change.at,
        )
        _link(incident, alert, now)
        _line(incident, change, "fired", actor=actor, now=now)
        return
    joined = _link(incident, alert, now)
    if incident.state in {State.RESOLVED, State.CLOSED}:
        incident = lifecycle.reopen(incident, actor=actor, now=now, note="The alert fired again.")
    again = "fired again" if change.kind == ChangeKind.REFIRED or not joined else "fired and joined"
    _line(incident, change, again, actor=actor, now=now)
    if incident.source == Source.ALERT:
        raise_severity(
            incident,
            from_matrix(impact, urgency),
            actor=actor,
            now=now,
            why=f"{alert.title} is {alert.severity}",
        )


def _eased(change: AlertChange, alert: Alert, service: Service, now: datetime) -> None:
    """Resolved, or its data vanished. Only a real resolve can end an incident."""
    actor = machine(alert.integration.name)
    vanished = change.kind == ChangeKind.NO_DATA or alert.resolve_reason == "missing_series"
    for incident in Incident.objects.filter(alert_links__alert=alert, state__in=OPEN_STATES):
        words = "has no data: that is not “fixed”" if vanished else "resolved"
        _line(incident, change, words, actor=actor, now=now)
        if vanished or not service.auto_resolve or incident.source != Source.ALERT:
            continue
        still = IncidentAlert.objects.filter(incident=incident).exclude(alert__status=AlertStatus.RESOLVED)
        if not still.exists():
            lifecycle.resolve(
                incident,
                actor=actor,
                now=now,
                resolution=Resolution.SELF_HEALED,
                note="All of its alerts have resolved.",
            )


def _own(alert: Alert) -> Incident | None:
    """The open incident this alert already belongs to."""
    return Incident.objects.filter(alert_links__alert=alert, state__in=OPEN_STATES).order_by("-pk").first()


def _recent(service: Service, now: datetime) -> Incident | None:
    """The newest open incident of the service whose last alert came within the join window."""
    since = now - timedelta(minutes=settings.MAINSTAY_JOIN_WINDOW_MINUTES)
    return (
        Incident.objects.filter(service=service, state__in=OPEN_STATES, source=Source.ALERT)
        .annotate(last_alert=Max("alert_links__linked_at"))
        .filter(last_alert__gte=since)
        .order_by("-pk")
        .first()
    )


def _healed(alert: Alert, now: datetime) -> Incident | None:
    """An incident that this alert's resolve ended within the window: the same trouble is back."""
    since = now - timedelta(minutes=settings.MAINSTAY_JOIN_WINDOW_MINUTES)
    return (
        Incident.objects.filter(
            alert_links__alert=alert,
            state=State.RESOLVED,
            resolution=Resolution.SELF_HEALED,
            resolved_at__gte=since,
        )
        .order_by("-pk")
        .first()
    )


def _link(incident: Incident, alert: Alert, now: datetime) -> bool:
    _, made = IncidentAlert.objects.get_or_create(incident=incident, alert=alert, defaults={"linked_at": now})
    return made


def _line(incident: Incident, change: AlertChange, what: str, *, actor: Actor, now: datetime) -> None:
    alert = change.alert
    incident = lock(incident.pk)
    record(
        incident,
        EntryKind.ALERT,
        f"{alert.title}: {what}",
        actor=actor,
        now=now,
        happened_at=min(change.event_at, now),
        data={"alert": alert.pk, "change": change.kind, "count": alert.count},
    )
    save(incident, [])
