"""The end of a hold: by a verb, or because whom we waited for answered."""

from datetime import datetime

from accounts.models import User
from accounts.rules import is_stakeholder
from core.types import Actor
from incidents.choices import EntryKind, State, Visibility
from incidents.domain import parties
from incidents.domain.counting import settle
from incidents.domain.timeline import record
from incidents.models import Incident
from rotas.domain import escalation
from services.choices import Party


def leave_hold(incident: Incident, *, now: datetime) -> None:
    """Give the work back to whoever had it before, let promises count and the call go on. The caller says the state."""
    if incident.state != State.ON_HOLD:
        return
    party, team = parties.before_hold(incident)
    incident.hold_party = incident.hold_reason = ""
    incident.state = State.INVESTIGATING
    if not parties.hand_to(incident, party, team=team, now=now):
        settle(incident, now=now)
    # also where it was acknowledged: a call that ran again (reopened, escalated) was paused and is owed
    escalation.resume("incident", incident.pk, now=now)


def answered(incident: Incident, *, actor: Actor, now: datetime) -> list[str]:
    """Whom it waits for said something: it waits no more. Returns the fields that changed.

    The caller holds the incident and has written the line.
    """
    if incident.state != State.ON_HOLD or not _is_waited_for(incident, actor):
        return []
    leave_hold(incident, now=now)
    incident.state = State.INVESTIGATING if incident.acknowledged_at else State.NEW
    record(
        incident,
        EntryKind.STATE,
        f"{actor.name} answered, so it waits no more",
        actor=actor,
        now=now,
        visibility=Visibility.CLIENT,
        data={"state": incident.state},
    )
    return ["state", "hold_party", "hold_reason", "party"]


def _is_waited_for(incident: Incident, actor: Actor) -> bool:
    user = actor.user
    if not isinstance(user, User) or not is_stakeholder(user):
        return False
    side = parties.party_of_person(user)
    return incident.hold_party == (side[0] if side else Party.CLIENT)
