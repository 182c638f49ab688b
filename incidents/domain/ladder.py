"""What a rung of an agreement's ladder does beside telling: call a step of the policy, raise the severity."""

from datetime import datetime

from core.errors import Refused
from core.types import SYSTEM
from incidents.choices import EntryKind
from incidents.domain.edit import raise_severity
from incidents.domain.people import escalate
from incidents.domain.timeline import LINE_FIELDS, record
from incidents.domain.told import name_of
from incidents.models import Clock, Incident
from services.choices import RungAct, Severity
from services.types import Rung


def act(clock: Clock, incident: Incident, rung: Rung, now: datetime) -> None:
    """Do it. What can't be done now (the policy has no such step) is said on the timeline and holds up nothing.

    The caller holds the incident, and has saved the clock.
    """
    if not incident.is_open:
        return
    if rung.act == RungAct.RAISE:
        _raise(clock, incident, now)
    elif rung.act == RungAct.ESCALATE:
        try:
            escalate(incident, actor=SYSTEM, now=now, step=rung.step, note=f"{name_of(clock)} runs out")
        except Refused as refusal:
            words = f"{name_of(clock)} should have called a step of the policy: {refusal.message}"
            record(incident, EntryKind.CLOCK, words, actor=SYSTEM, now=now)
            incident.save(update_fields=LINE_FIELDS)


def _raise(clock: Clock, incident: Incident, now: datetime) -> None:
    worse = [severity for severity in Severity if severity < incident.severity]
    if worse:
        why = f"{name_of(clock)} is running out, and its agreement says so"
        raise_severity(incident, worse[-1], actor=SYSTEM, now=now, why=why)
