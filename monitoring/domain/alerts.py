"""What people do to alerts."""

from datetime import datetime

from django.db import transaction

from accounts.domain import audit
from core.errors import IllegalState
from core.nudge import nudge
from core.types import Actor
from monitoring.choices import AlertStatus, ChangeKind
from monitoring.domain.intake import NEXT_ENGINE
from monitoring.models import Alert, AlertChange
from services.models import Service


def route_alert(alert: Alert, service: Service, *, actor: Actor, now: datetime) -> Alert:
    """Say whose an unrouted alert is. If it fires, incidents hear of it as if it had just begun.

    Later readings keep the service unless their label names another. Raises IllegalState when it has one.
    """
    with transaction.atomic():
        alert = Alert.objects.select_for_update().get(pk=alert.pk)
        if alert.service_id == service.pk:
            return alert
        if alert.service_id is not None:
            raise IllegalState(
                "This alert belongs to a service already; its label or a routing rule said so."
            )
        alert.service = service
        if alert.status == AlertStatus.NO_DATA:
            alert.blind_due_at = now  # it may have been blind for long, with nobody to tell
            nudge(NEXT_ENGINE)
        alert.save(update_fields=["service", "blind_due_at"])
        if alert.status == AlertStatus.FIRING:
            AlertChange.objects.create(
                alert=alert,
                kind=ChangeKind.FIRED,
                at=now,
                event_at=alert.event_at,
                detail=f"routed by {actor.name}"[:300],
                lane=service.pk,
            )
            nudge(NEXT_ENGINE)
        audit.record(
            "alert.route", actor=actor, now=now, subject_kind="alert", subject_id=alert.pk,
            subject_name=alert.title, detail={"service": service.slug},
        )  # fmt: skip
    return alert
