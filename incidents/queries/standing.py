"""How an incident stands, in a sentence to one person: who has it, since when, or that it is over."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.ui.words import absolute
from incidents.choices import EntryKind, State
from incidents.models import Entry, Incident
from rotas.queries.calls import is_calling


def waits_for_acknowledgement(incident: Incident) -> bool:
    """Whether acknowledging would change something: nobody has it, or people are being called again."""
    if not incident.is_open:
        return False
    return incident.acknowledged_at is None or is_calling("incident", incident.pk)


def standing(incident: Incident, reader: Any, now: datetime) -> str:
    """One sentence, times in the reader's zone, "you" where it was the reader."""
    zone = reader.zone
    if not incident.is_open:
        return _ended(incident, reader, now)
    on_hold = incident.state == State.ON_HOLD
    waits = _(" It is on hold and waits for %(party)s.") % {"party": incident.get_hold_party_display()}
    if incident.acknowledged_at is None:
        return _("Nobody has acknowledged it yet.") + (waits if on_hold else "")
    # the line and the field are written with the same instant
    line = _state_lines(incident).filter(recorded_at=incident.acknowledged_at).first()
    said = _("%(who)s acknowledged it at %(time)s.") % {
        "who": _name(line, reader),
        "time": absolute(incident.acknowledged_at, zone, now),
    }
    if is_calling("incident", incident.pk):
        return said + _(" Since then people are being called again.")
    return said + (waits if on_hold else "")


def _ended(incident: Incident, reader: Any, now: datetime) -> str:
    words = {
        State.RESOLVED: _("%(who)s resolved it at %(time)s."),
        State.CLOSED: _("It is over: %(who)s closed it at %(time)s."),
        State.CANCELLED: _("It is over: %(who)s cancelled it at %(time)s."),
    }[State(incident.state)]
    line = _state_lines(incident).filter(data__state=incident.state).order_by("-pk").first()
    at = line.recorded_at if line else incident.closed_at or incident.resolved_at or now
    return words % {"who": _name(line, reader), "time": absolute(at, reader.zone, now)}


def _state_lines(incident: Incident) -> QuerySet[Entry]:
    return Entry.objects.filter(incident=incident, kind=EntryKind.STATE).order_by("pk")


def _name(line: Entry | None, reader: Any) -> str:
    if line is None or not line.actor_name:
        return _("Somebody")
    return _("You") if line.actor_id == reader.pk else line.actor_name
