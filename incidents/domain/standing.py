"""Which promises of an incident count now, and which of them is due first."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery

from incidents.choices import ClockState
from incidents.domain.stamping import terms_of
from incidents.models import Clock, Incident
from services.choices import AgreementKind
from services.domain import promise

_LIVE = [ClockState.RUNNING, ClockState.PAUSED]


def live(incident: Incident) -> list[Clock]:
    """Clocks that run or are paused."""
    found = list(incident.clocks.filter(state__in=_LIVE))
    for clock in found:
        clock.incident = incident
    return found


def refresh_next_due(incident: Incident) -> None:
    """Keep the soonest promise to the client still counting on the incident, for lists."""
    due = (
        incident.clocks.filter(state=ClockState.RUNNING, basis=AgreementKind.SLA)
        .order_by("due_at")
        .values_list("due_at", flat=True)
        .first()
    )
    incident.next_due_at = due
    Incident.objects.filter(pk=incident.pk).update(next_due_at=due)


def refresh_next_dues(incidents: Collection[int]) -> None:
    """The same for many incidents, by their keys. One query."""
    counting = Clock.objects.filter(
        incident=OuterRef("pk"), state=ClockState.RUNNING, basis=AgreementKind.SLA
    ).order_by("due_at")
    Incident.objects.filter(pk__in=incidents).update(next_due_at=Subquery(counting.values("due_at")[:1]))


def remaining(clock: Clock, now: datetime) -> timedelta:
    """Business time left at `now`, by the stamped calendar; negative when late."""
    if clock.state == ClockState.PAUSED and clock.left_seconds is not None:
        return timedelta(seconds=clock.left_seconds)
    return timedelta(seconds=promise.left(terms_of(clock, now), now))
