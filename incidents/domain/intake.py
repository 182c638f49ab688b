"""From alerts to incidents: each transition that monitoring left is claimed once, in its order.

Services take turns, so that a storm on one holds up no other; one that is being worked on by somebody else,
or whose incident is, is left for the next tick. What a storm brings is handled in sets. A service that fails is told
of at the end, after the others were served.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from core import meter
from core.patience import unless_busy
from core.turns import Turns, keys_waiting
from incidents.domain import blind, joining, storms
from incidents.domain.locks import try_service
from monitoring.models import AlertChange

log = logging.getLogger(__name__)
_WAITS = "handled_at IS NULL"
# Transitions of one storm that are handled in one transaction.
MOST = 500
_turns = Turns()


def tick(now: datetime, *, limit: int = 50) -> int:
    """Claim waiting transitions, a service's oldest at its turn, then say what storms and blind alerts are due.

    Returns how many were handled. An error of one is raised once the others had their turns.
    """
    failed: list[Exception] = []
    lanes = keys_waiting(AlertChange, "lane", _WAITS)
    stormy = storms.services_in_storm() if lanes else set()

    def take(lane: int) -> int:
        together = 0
        if lane in stormy:
            try:
                together = unless_busy(lambda: _together(lane, now), otherwise=0)
            except Exception:
                log.exception("a storm of service %s can't be handled in sets", lane)
            if not together:
                stormy.discard(lane)  # asked once a tick
        try:
            # what is no part of the storm has its turn beside it
            return together + unless_busy(lambda: _one(lane, now), otherwise=0)
        except Exception as error:
            log.exception("changes of service %s could not be handled", lane)
            failed.append(error)
            return together

    handled = _turns.serve(lanes, take, limit)
    for engine in (storms.tick, blind.tick):
        try:
            handled += engine(now)
        except Exception as error:  # told of in its own log line
            failed.append(error)
    if failed:
        raise failed[0]
    return handled


@transaction.atomic
def _together(lane: int, now: datetime) -> int:
    """Handle what in a lane, whose service has a storm, is only one of many: how many."""
    if not try_service(lane):
        return 0
    incident = storms.incident_of(lane)
    if incident is None or not incident.service.is_supported:
        return 0
    changes = list(_next(lane).filter(joining.only_one_of_many(lane, incident))[:MOST])
    joining.in_storm(changes, incident, now)
    AlertChange.objects.filter(pk__in=[change.pk for change in changes]).update(handled_at=now)
    for change in changes:
        meter.late("incidents", change.at, now)
    return len(changes)


@transaction.atomic
def _one(lane: int, now: datetime) -> int:
    """Handle the oldest waiting transition of a lane; 0 when there is none or its service is busy, else 1."""
    if lane and not try_service(lane):
        return 0
    change = _next(lane).first()
    if change is None:
        return 0
    service = change.alert.service
    if service is not None and service.is_supported:
        # Its alert may have been given to another service since.
        if service.pk != lane and not try_service(service.pk):
            return 0
        if change.kind in joining.BEGAN:
            joining.fired(change, service, now)
        else:
            joining.eased(change, service, now)
    change.handled_at = now
    change.save(update_fields=["handled_at"])
    meter.late("incidents", change.at, now)
    return 1


def _next(lane: int) -> QuerySet[AlertChange]:
    """The waiting transitions of a lane in their order, locked."""
    return (
        _waiting()
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("alert__service__owning_team__lead", "alert__service__client", "alert__integration")
        .filter(lane=lane)
        .order_by("pk")
    )


def _waiting() -> QuerySet[AlertChange]:
    """Unhandled transitions with no earlier unhandled one of the same alert: order is kept."""
    earlier = AlertChange.objects.filter(
        alert=OuterRef("alert"), pk__lt=OuterRef("pk"), handled_at__isnull=True
    )
    return AlertChange.objects.filter(~Exists(earlier), handled_at__isnull=True)
