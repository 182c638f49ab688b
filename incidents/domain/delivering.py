"""What is promised for after the end: the root cause analysis, the corrective action."""

from datetime import datetime

from django.db import transaction

from core.errors import IllegalState, Invalid
from core.types import Actor
from incidents.choices import EntryKind
from incidents.domain import clocks
from incidents.domain.locks import lock
from incidents.domain.states import would_change
from incidents.domain.timeline import record
from incidents.domain.waits import AFTERWARDS
from incidents.domain.writing import save
from incidents.models import Incident
from services.choices import AgreementKind, PromiseKind
from services.domain.links import is_safe


@transaction.atomic
def deliver(
    incident: Incident, *, actor: Actor, now: datetime, what: str, url: str = "", note: str = ""
) -> Incident:
    """The analysis (`rca`) or the corrective action (`action`) is there, at `url`: its promise is met. From the analysis on
    the action is promised. Said again, nothing changes.

    Raises Invalid for anything else and for an address that is none, IllegalState where it was never promised.
    """
    incident = lock(incident.pk)
    would_change("deliver", incident.state)
    if what not in AFTERWARDS:
        raise Invalid("Say what was delivered.", fields={"what": "rca or action"})
    address = url.strip()
    if address and not is_safe(address):
        raise Invalid(
            "Give the whole address, beginning with https:// or http://.",
            fields={"url": "not an http(s) address"},
        )
    kind = PromiseKind(what)
    promised = incident.clocks.filter(basis=AgreementKind.SLA, kind=kind)
    if not clocks.delivered(incident, kind, now=now):
        if promised.filter(met_at__isnull=False).exists():
            return incident
        raise IllegalState(f"No {str(kind.label).lower()} is promised for this incident.")
    said = f": {note.strip()}" if note.strip() else ""
    record(
        incident,
        EntryKind.DELIVERED,
        f"{actor.name} delivered the {str(kind.label).lower()}{said}",
        actor=actor,
        now=now,
        data={"what": kind.value, **({"url": address} if address else {})},
    )
    save(incident, [])
    return incident
