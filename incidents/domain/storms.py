"""A storm as an incident tells it: that it began, one line a minute at most, that it is over.

Monitoring counts; here the counts become words. A `ServiceStorm` row holds what was told and when to look
again. Whether to speak is decided by `next_word`, a pure function of what was counted and told.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

from django.db import transaction

from core.patience import unless_busy
from core.types import SYSTEM, Actor
from core.ui.words import duration
from incidents.choices import OPEN_STATES, EntryKind
from incidents.domain.healing import heal
from incidents.domain.locks import choosing, lock, lock_if_free, try_service
from incidents.domain.standing_back import stand_back, work_each
from incidents.domain.timeline import record
from incidents.domain.writing import save
from incidents.models import Incident
from monitoring.models import AlertChange, ServiceStorm
from monitoring.queries.storms import Felt, began, felt

EVERY = timedelta(minutes=1)
# While only known alerts repeat, a line a minute would say nothing.
REPEATS_EVERY = timedelta(minutes=10)
# Over when no coalesced alert was counted for so long.
QUIET = timedelta(minutes=2)
BATCH = 50


@dataclass(frozen=True, slots=True)
class Word:
    """What a storm has to say now: nothing yet, that more came (how many, how many new), or that it is over."""

    kind: Literal["nothing", "more", "over"]
    alerts: int = 0
    fresh: int = 0


def next_word(counted: Felt, *, alerts: int, fresh: int, told_at: datetime, now: datetime) -> Word:
    """Decide from what was counted since it began and what (`alerts`, `fresh`, `told_at`) was told. Pure."""
    if counted.last_at is None or now - counted.last_at >= QUIET:
        return Word("over", counted.alerts, counted.fresh)
    more, new = max(counted.alerts - alerts, 0), max(counted.fresh - fresh, 0)
    waited = now - told_at
    if (new and waited >= EVERY) or (more and waited >= REPEATS_EVERY):
        return Word("more", more, new)
    return Word("nothing")


def services_in_storm() -> set[int]:
    """Where a storm is going on. One query."""
    return set(ServiceStorm.objects.filter(ended_at__isnull=True).values_list("service_id", flat=True))


def incident_of(service_id: int) -> Incident | None:
    """The open incident that the present storm of a service joins; locked."""
    storm = ServiceStorm.objects.filter(service=service_id, ended_at__isnull=True).values("incident_id")
    return choosing().filter(pk__in=storm, state__in=OPEN_STATES).order_by("-pk").first()


def is_felt(incident: Incident) -> bool:
    """Whether a storm is going on in this incident."""
    return ServiceStorm.objects.filter(incident_id=incident.pk, ended_at__isnull=True).exists()


def feel(incident: Incident, change: AlertChange, *, actor: Actor, now: datetime) -> None:
    """A coalesced transition reached `incident`: its service's storm begins there, or moves there.

    The caller holds the service. A storm moves only from an incident that has ended.
    """
    service_id = incident.service_id
    storm = ServiceStorm.objects.filter(service_id=service_id, ended_at__isnull=True).first()
    if storm is not None:
        here = storm.incident_id == incident.pk
        if here or Incident.objects.filter(pk=storm.incident_id or 0, state__in=OPEN_STATES).exists():
            return
        storm.incident_id = incident.pk
        storm.save(update_fields=["incident_id"])
        return
    first = began(service_id, change.at - QUIET) or change.at
    ServiceStorm.objects.create(
        service_id=service_id, incident_id=incident.pk, began_at=first, told_at=now, next_at=now + EVERY
    )
    rate = change.alert.integration.rate
    _say(
        lock(incident.pk),
        f"A storm: more than {rate} alerts a minute. From here they are counted, not listed.",
        {"storm": "began", "rate": rate},
        actor=actor,
        now=now,
    )


def tick(now: datetime) -> int:
    """Speak for the storms that are due; how many were looked at. The first error is raised at the end."""
    due = ServiceStorm.objects.filter(next_at__lte=now, ended_at__isnull=True).order_by("next_at")
    waiting = list(due.values_list("pk", "service_id", "incident_id")[:BATCH])
    return work_each(
        waiting,
        lambda keys: unless_busy(partial(_one, *keys, now), otherwise=0),
        lambda keys: stand_back(due, keys[0], "next_at", now),
    )


@transaction.atomic
def _one(pk: int, service_id: int, incident_id: int | None, now: datetime) -> int:
    if not try_service(service_id):
        return 0
    incident = lock_if_free(incident_id) if incident_id else None
    if incident is None and Incident.objects.filter(pk=incident_id or 0).exists():
        return 0  # somebody works on it; the next tick speaks
    storm = (
        ServiceStorm.objects.select_for_update(no_key=True)
        .filter(pk=pk, next_at__lte=now, incident_id=incident_id, ended_at__isnull=True)
        .first()
    )
    if storm is None:
        return 0
    counted = felt(service_id, storm.began_at)
    word = next_word(counted, alerts=storm.alerts, fresh=storm.fresh, told_at=storm.told_at, now=now)
    if incident is not None and incident.is_open:
        _speak(incident, word, storm, now)
    if word.kind != "nothing":
        storm.alerts, storm.fresh, storm.told_at = counted.alerts, counted.fresh, now
    storm.next_at = now + EVERY
    storm.ended_at = now if word.kind == "over" else None
    storm.save(update_fields=["alerts", "fresh", "told_at", "next_at", "ended_at"])
    if word.kind == "over" and incident is not None:
        # A lull in a storm ends nothing; its end may.
        heal(incident, actor=SYSTEM, now=now)
    return 1


def _speak(incident: Incident, word: Word, storm: ServiceStorm, now: datetime) -> None:
    data: dict[str, object] = {"storm": word.kind, "alerts": word.alerts, "new": word.fresh}
    if word.kind == "more":
        text = f"{_alerts(word.alerts)} more, {word.fresh} of them new"
    elif word.kind == "over":
        lasted = duration((now - storm.began_at).total_seconds())
        text = f"The storm is over: {_alerts(word.alerts)} in {lasted}, {word.fresh} of them new"
    else:
        return
    _say(incident, text, data, actor=SYSTEM, now=now)


def _alerts(count: int) -> str:
    return "1 alert" if count == 1 else f"{count} alerts"


def _say(incident: Incident, text: str, data: dict[str, object], *, actor: Actor, now: datetime) -> None:
    record(incident, EntryKind.ALERT, text, actor=actor, now=now, data=data)
    save(incident, [])
