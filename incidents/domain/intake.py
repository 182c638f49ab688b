"""From alerts to incidents: each transition that monitoring left is claimed once, in its order.

Services take turns, so that a storm on one holds up no other; one that is being worked on by somebody else,
or whose incident is, is left for the next tick. A service that fails is told of at the end, after the others were served.
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
from monitoring.choices import ChangeKind
from monitoring.models import AlertChange

log = logging.getLogger(__name__)
_WAITS = "handled_at IS NULL"
_turns = Turns()


def tick(now: datetime, *, limit: int = 50) -> int:
    """Claim waiting transitions, a service's oldest at its turn, then say what storms and blind alerts are due.

    Returns how many were handled. An error of one is raised once the others had their turns.
    """
    failed: list[Exception] = []

    def take(lane: int) -> bool:
        try:
            return unless_busy(lambda: _one(lane, now), otherwise=False)
        except Exception as error:
            log.exception("changes of service %s could not be handled", lane)
            failed.append(error)
            return False

    handled = _turns.serve(keys_waiting(AlertChange, "lane", _WAITS), take, limit)
    for engine in (storms.tick, blind.tick):
        try:
            handled += engine(now)
        except Exception as error:  # told of in its own log line
            failed.append(error)
    if failed:
        raise failed[0]
    return handled


@transaction.atomic
def _one(lane: int, now: datetime) -> bool:
    """Handle the oldest waiting transition of a lane; False when there is none or its service is busy."""
    if lane and not try_service(lane):
        return False
    change = (
        _waiting()
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("alert__service__owning_team__lead", "alert__service__client", "alert__integration")
        .filter(lane=lane)
        .order_by("pk")
        .first()
    )
    if change is None:
        return False
    service = change.alert.service
    if service is not None and service.is_supported:
        # Its alert may have been given to another service since.
        if service.pk != lane and not try_service(service.pk):
            return False
        if change.kind in {ChangeKind.FIRED, ChangeKind.REFIRED, ChangeKind.WORSE}:
            joining.fired(change, service, now)
        else:
            joining.eased(change, service, now)
    change.handled_at = now
    change.save(update_fields=["handled_at"])
    meter.late("incidents", change.at, now)
    return True


def _waiting() -> QuerySet[AlertChange]:
    """Unhandled transitions with no earlier unhandled one of the same alert: order is kept."""
    earlier = AlertChange.objects.filter(
        alert=OuterRef("alert"), pk__lt=OuterRef("pk"), handled_at__isnull=True
    )
    return AlertChange.objects.filter(~Exists(earlier), handled_at__isnull=True)
