"""From alerts to incidents: each transition that monitoring left is claimed once, in its order.

Services take turns, so that a storm on one holds up no other; one that is being worked on by somebody else,
or whose incident is, is left for the next tick. What a storm brings is handled in sets. A service that fails is told
of at the end, after the others were served.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from core import meter
from core.patience import unless_busy
from core.turns import Turns, keys_waiting
from incidents.domain import blind, crowds, joining, storms
from incidents.domain.locks import try_service
from monitoring.models import AlertChange

log = logging.getLogger(__name__)
_WAITS = "handled_at IS NULL"
CROWD = 100
_turns = Turns()


def tick(now: datetime, *, limit: int = 50) -> int:
    """Claim waiting transitions, a service's oldest at its turn, then say what storms and blind alerts are due.

    Returns how many were handled. An error of one is raised once the others had their turns.
    """
    lanes = keys_waiting(AlertChange, "lane", _WAITS)
    work = _Work(now, storms.services_in_storm(), _is_crowded()) if lanes else _Work(now)
    handled = _turns.serve(lanes, work.turn, limit)
    for engine in (storms.tick, blind.tick):
        try:
            handled += engine(now)
        except Exception as error:  # told of in its own log line
            work.failed.append(error)
    if work.failed:
        raise work.failed[0]
    return handled


@dataclass(slots=True)
class _Work:
    """One tick: the services that have a storm, as far as their lanes are not through with it, whether very many wait, and
    what went wrong."""

    now: datetime
    stormy: set[int] = field(default_factory=set)
    is_crowded: bool = False
    failed: list[Exception] = field(default_factory=list)

    def turn(self, lane: int) -> int:
        """One lane's turn; how many of its transitions were handled."""
        many = 0
        for act, fits in ((_in_storm, lane in self.stormy), (_joining, self.is_crowded and lane > 0)):
            more, is_first_done = self._many(act, lane) if fits else (0, False)
            many += more
            if is_first_done:
                return many
        try:
            # what stands first and is not like the others has its turn beside them
            done, of_storm = unless_busy(lambda: _one(lane, self.now), otherwise=(0, False))
        except Exception as error:
            log.exception("changes of service %s could not be handled", lane)
            self.failed.append(error)
            return many
        if of_storm:
            self.stormy.add(lane)
        elif not many:
            self.stormy.discard(lane)
        return many + done

    def _many(self, act: Callable[[int, datetime], tuple[int, bool]], lane: int) -> tuple[int, bool]:
        """Handle a set; how many, and whether the one that had waited longest was among them."""
        try:
            return unless_busy(lambda: act(lane, self.now), otherwise=(0, False))
        except Exception:
            log.exception("many of service %s can't be handled together", lane)
            return 0, False


def _is_crowded() -> bool:
    """Whether so many wait that it pays to look for sets."""
    waiting = AlertChange.objects.filter(handled_at__isnull=True).values("pk")[:CROWD]
    return waiting.count() == CROWD


@transaction.atomic
def _in_storm(lane: int, now: datetime) -> tuple[int, bool]:
    """Handle what in a lane, whose service has a storm, is only one of many."""
    if not try_service(lane):
        return 0, False
    incident = storms.incident_of(lane)
    if incident is None or not incident.service.is_supported:
        return 0, False
    first = _waiting(lane).values_list("pk", flat=True).first()
    changes = crowds.of_storm(_claimed(lane), lane, incident)
    crowds.in_storm(changes, incident, now)
    _handled(changes, now)
    return len(changes), bool(changes) and changes[0].pk == first


@transaction.atomic
def _joining(lane: int, now: datetime) -> tuple[int, bool]:
    """Handle what stands first in a lane and only joins the incident that its service has."""
    if not try_service(lane):
        return 0, False
    incident = joining.recent(lane, now)
    if incident is None or not incident.service.is_supported:
        return 0, False
    first = _waiting(lane).values_list("pk", flat=True).first()
    changes = crowds.that_only_join(_claimed(lane), lane)
    if changes:
        crowds.join(changes, incident, now)
        _handled(changes, now)
    return len(changes), bool(changes) and changes[0].pk == first


def _handled(changes: Sequence[crowds.Coming], now: datetime) -> None:
    AlertChange.objects.filter(pk__in=[change.pk for change in changes]).update(handled_at=now)
    for change in changes:
        meter.late("incidents", change.at, now)


@transaction.atomic
def _one(lane: int, now: datetime) -> tuple[int, bool]:
    """Handle the oldest waiting transition of a lane: how many (0 where there is none, or its service is busy), and whether
    it was counted together with others."""
    if lane and not try_service(lane):
        return 0, False
    change = (
        _claimed(lane)
        .select_related("alert__service__owning_team__lead", "alert__service__client", "alert__integration")
        .first()
    )
    if change is None:
        return 0, False
    service = change.alert.service
    if service is not None and service.is_supported:
        # Its alert may have been given to another service since.
        if service.pk != lane and not try_service(service.pk):
            return 0, False
        if change.kind in crowds.BEGAN:
            joining.fired(change, service, now)
        else:
            joining.eased(change, service, now)
    change.handled_at = now
    change.save(update_fields=["handled_at"])
    meter.late("incidents", change.at, now)
    return 1, change.coalesced


def _claimed(lane: int) -> QuerySet[AlertChange]:
    """Those of them that nobody else has in hand, locked."""
    return _waiting(lane).select_for_update(skip_locked=True, of=("self",))


def _waiting(lane: int) -> QuerySet[AlertChange]:
    """Unhandled transitions of a lane in their order, with no earlier unhandled one of the same alert."""
    earlier = AlertChange.objects.filter(
        alert=OuterRef("alert"), pk__lt=OuterRef("pk"), handled_at__isnull=True
    )
    return AlertChange.objects.filter(~Exists(earlier), lane=lane, handled_at__isnull=True).order_by("pk")
