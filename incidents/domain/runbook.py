"""Following a runbook for an incident: every step taken is a line of the timeline."""

from datetime import datetime

from django.db import transaction

from core.errors import IllegalState, Invalid
from core.types import Actor
from incidents.choices import EntryKind
from incidents.domain import parties
from incidents.domain.locks import lock
from incidents.domain.timeline import record
from incidents.domain.writing import save
from incidents.models import Incident, IncidentRunbook
from runbooks.domain import runs
from runbooks.models import Runbook


@transaction.atomic
def start(incident: Incident, runbook: Runbook, *, actor: Actor, now: datetime) -> IncidentRunbook:
    """Begin to follow `runbook`. The run that is there already is returned as it is.

    Raises IllegalState once the incident has ended.
    """
    incident = lock(incident.pk)
    there = incident.runbook_links.filter(run__runbook=runbook).select_related("run__runbook").first()
    if there is not None:
        return there
    if not incident.is_open:
        raise IllegalState(f"{incident.ref} has ended; reopen it to follow a runbook.")
    link = IncidentRunbook.objects.create(incident=incident, run=runs.start(runbook, now=now))
    _say(incident, link, f"{actor.name} follows {runbook.ref}, {runbook.title}", actor=actor, now=now)
    return link


@transaction.atomic
def tick(
    incident: Incident, link: IncidentRunbook, position: int, *, actor: Actor, now: datetime
) -> IncidentRunbook:
    """Step `position` (from 0) is done. Ticking it again changes nothing. Raises Invalid for no such step."""
    incident = _locked(incident, link)
    if runs.tick(link.run, position, user=actor.user, now=now):
        words = f"{actor.name} did step {position + 1} of {link.run.runbook.ref}: {_text(link, position)}"
        _say(incident, link, words, actor=actor, now=now, position=position, done=True)
    return link


@transaction.atomic
def untick(
    incident: Incident, link: IncidentRunbook, position: int, *, actor: Actor, now: datetime
) -> IncidentRunbook:
    """Step `position` (from 0) isn't done after all. Raises Invalid for no such step."""
    incident = _locked(incident, link)
    if runs.untick(link.run, position):
        words = (
            f"{actor.name} took back step {position + 1} of {link.run.runbook.ref}: {_text(link, position)}"
        )
        _say(incident, link, words, actor=actor, now=now, position=position, done=False)
    return link


def _locked(incident: Incident, link: IncidentRunbook) -> Incident:
    if link.incident_id != incident.pk:
        raise Invalid("That runbook is followed for another incident.", fields={"run": "another incident's"})
    return lock(incident.pk)


def _text(link: IncidentRunbook, position: int) -> str:
    return str(link.run.steps[position].get("text", ""))


def _say(
    incident: Incident, link: IncidentRunbook, words: str, *, actor: Actor, now: datetime, **facts: object
) -> None:
    record(
        incident,
        EntryKind.RUNBOOK,
        words,
        actor=actor,
        now=now,
        data={"run": link.run_id, "runbook": link.run.runbook.ref, **facts},
    )
    if actor.user is not None and actor.kind == "person":
        parties.join(incident, actor.user, "responder", now=now)
    save(incident, [])
