"""Budgets that burn too fast become alerts, through the same door as every other: a post, read by intake.

A rung that begins or ends leaves its state and its post in one transaction. The post has the same identity each time, and
an id of its own for each turn, so that whatever runs twice posts once.
"""

import json
import logging
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import QuerySet

from core.types import SYSTEM
from monitoring.domain.deliveries import receive
from monitoring.domain.integrations import create_integration
from monitoring.models import Integration
from services.domain.burn import BY_NAME, Rates, Rung, fires, rates
from services.domain.objectives import remember
from services.models import Objective, ObjectiveBurn
from services.queries.objectives import standings, tallies

log = logging.getLogger(__name__)
DOORBELL: Final = "monitoring.tasks.burn"
# How the door is called through which these alerts come; leads find it among the integrations.
DOOR: Final = "Service level objectives"
SOURCE: Final = "generic"
BATCH: Final = 200
# With this rung an objective's standing is written down, for lists.
_SLOWEST: Final = "3d"
_STANDS_BACK: Final = timedelta(minutes=5)


def tick(now: datetime) -> int:
    """Look at up to BATCH rungs that are due; how many."""
    try:
        return _look(_due(now), now)
    except OperationalError:
        raise
    except Exception as error:
        log.info("rungs are looked at one by one: %s", error)
        return _singly(now)


def _singly(now: datetime) -> int:
    """One that fails stands back, so that the others have their turn."""
    keys = list(_due(now).values_list("pk", flat=True)[:BATCH])
    for pk in keys:
        try:
            _look(_due(now).filter(pk=pk), now)
        except OperationalError:
            raise
        except Exception:
            log.exception("rung %s could not be looked at", pk)
            ObjectiveBurn.objects.filter(pk=pk).update(next_at=now + _STANDS_BACK)
    return len(keys)


def _due(now: datetime) -> QuerySet[ObjectiveBurn]:
    return ObjectiveBurn.objects.filter(next_at__lte=now).order_by("next_at", "pk")


# The objective is locked too: whoever edits it holds it, and then reaches for its rungs.
@transaction.atomic
def _look(due: QuerySet[ObjectiveBurn], now: datetime) -> int:
    # found by their own index first: the statement that locks asks for the objectives as well
    keys = list(due.values_list("pk", flat=True)[:BATCH])
    if not keys:
        return 0
    burns = list(
        due.filter(pk__in=keys)
        .select_for_update(skip_locked=True, no_key=True, of=("self", "objective"))
        .select_related("objective__service")
    )
    if not burns:
        return 0
    known = {burn.objective_id: burn.objective for burn in burns}
    rungs = [BY_NAME[burn.rung] for burn in burns if burn.rung in BY_NAME]
    lengths = {length for rung in rungs for length in (rung.long, rung.short)}
    sums = tallies(known.values(), now, lengths) if lengths else {}
    for burn in burns:
        rung = BY_NAME.get(burn.rung)
        objective = known[burn.objective_id]
        if rung is None:  # of another release
            burn.next_at = None
            continue
        current = rates(rung, sums[objective.pk], objective.target)
        watched = objective.is_active and objective.burn_alerts
        firing = watched and fires(rung, current, firing=burn.is_firing)
        if firing != burn.is_firing:
            _turn(burn, objective, rung, current, now)
        burn.next_at = now + rung.every if objective.is_active else None
    ObjectiveBurn.objects.bulk_update(
        burns, ["is_firing", "since", "episodes", "integration_id", "next_at"], batch_size=BATCH
    )
    slow = [known[burn.objective_id] for burn in burns if burn.rung == _SLOWEST]
    if slow:
        remember(standings(slow, now), now=now)
    return len(burns)


def _turn(burn: ObjectiveBurn, objective: Objective, rung: Rung, current: Rates, now: datetime) -> None:
    """The rung begins or ends: change its row and leave the post that says so."""
    burn.is_firing = not burn.is_firing
    if burn.is_firing:
        burn.episodes += 1
    began = now if burn.is_firing else burn.since or now
    burn.since = now
    door = _door(burn, now)
    burn.integration_id = door.pk
    status = "firing" if burn.is_firing else "resolved"
    receive(
        door,
        json.dumps(_alert(objective, rung, current, status=status, began=began, now=now)).encode(),
        headers={},
        delivery_id=f"burn:{burn.pk}:{burn.episodes}:{status}",
        address=None,
        now=now,
    )


def _alert(
    objective: Objective, rung: Rung, current: Rates, *, status: str, began: datetime, now: datetime
) -> dict[str, object]:
    """The post, in the form of docs/intake.md#generic-json."""
    said = "not counted" if current.long is None else f"{float(current.long):.1f} times"
    fast = "not counted" if current.short is None else f"{float(current.short):.1f} times"
    ended = {"ends_at": now.isoformat()} if status == "resolved" else {}
    return {
        "id": f"objective:{objective.pk}:{rung.name}",
        "status": status,
        "title": f"{objective.name}: error budget burns over {float(rung.factor):g} times as fast as it lasts",
        "description": f"{objective.slug} promises {objective.target_words} %. Its budget burns {said} as fast as even "
        f"spending over {rung.name}, {fast} over {_short(rung.short)}.",
        "severity": rung.severity,
        "labels": {
            "alertname": "ErrorBudgetBurn",
            "service": objective.service.slug,
            "objective": objective.slug,
            "rung": rung.name,
        },
        "annotations": {"policy": objective.policy[:500]} if objective.policy else {},
        "url": f"{settings.MAINSTAY_PUBLIC_URL}/services/objectives/{objective.slug}/",
        "starts_at": began.isoformat(),
        "event_at": now.isoformat(),
        **ended,
    }


def _short(length: timedelta) -> str:
    minutes = length // timedelta(minutes=1)
    return f"{minutes // 60}h" if minutes >= 60 else f"{minutes}m"


def _door(burn: ObjectiveBurn, now: datetime) -> Integration:
    """The door of its former alert, so that both ends are one alert's; else the one of all objectives, made once."""
    found = None
    if burn.integration_id is not None:
        found = Integration.objects.filter(pk=burn.integration_id).first()
    found = found or Integration.objects.filter(source=SOURCE, name=DOOR).order_by("pk").first()
    return found or create_integration(SOURCE, name=DOOR, actor=SYSTEM, now=now)
