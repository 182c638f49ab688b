"""Ending the calls about an incident: the run, and every message that still waits to call somebody."""

from datetime import datetime

from core.types import Actor
from incidents.choices import CALLS, PROMISES, EntryKind
from incidents.domain.timeline import record
from incidents.domain.writing import save
from incidents.models import Incident
from notifications.domain.outbox import cancel_about
from rotas.domain import escalation

ACKNOWLEDGED = "acknowledged"


def stop_calling(incident: Incident, reason: str, *, now: datetime) -> bool:
    """No step and no message calls any more, direct ones neither; what is over reminds of no promise.

    The inbox keeps its rows: that it was given to somebody remains news. The caller holds the incident's lock.
    Returns whether a run was stopped.
    """
    watches = reason == ACKNOWLEDGED
    run = escalation.stop("incident", incident.pk, reason=reason, now=now, watches=watches)
    kinds = CALLS if reason == ACKNOWLEDGED else (*CALLS, *PROMISES)
    cancel_about("incident", incident.ref, kinds=kinds, now=now, reason=reason, keep_inbox=True)
    return run is not None


def acknowledge_call(incident: Incident, *, actor: Actor, now: datetime) -> None:
    """A call that runs again (escalated, reopened, given to somebody) stops, though the incident itself was
    acknowledged before."""
    if stop_calling(incident, ACKNOWLEDGED, now=now):
        words = f"{actor.name} acknowledged the call{actor.by_way}"
        record(incident, EntryKind.CALL, words, actor=actor, now=now)
        save(incident, [])
