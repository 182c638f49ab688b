"""The verbs. Each is one function for portal, API and link: lock, check, change, record, save, nudge.

A verb that would change nothing returns the incident as it is. One that isn't possible raises
IllegalState and names what is. `now` is an instant (UTC); `actor` says who.
"""

from datetime import datetime

from django.db import transaction

from core import nudge
from core.errors import Invalid
from core.types import Actor
from core.ui.words import duration
from incidents.choices import SAYABLE, EntryKind, Resolution, State, Visibility
from incidents.domain import clocks, handed, parties, underpinning
from incidents.domain.calling import acknowledge_call, stop_calling
from incidents.domain.delivering import deliver
from incidents.domain.handoff import accept_hand_off, bounce_hand_off, hand_off, take_back
from incidents.domain.holding import leave_hold
from incidents.domain.impact import impact, never_was, over
from incidents.domain.links import link
from incidents.domain.locks import lock
from incidents.domain.opening import open_incident
from incidents.domain.people import assign, escalate, note
from incidents.domain.states import would_change
from incidents.domain.timeline import record
from incidents.domain.writing import save, tell
from incidents.models import Incident
from rotas.domain import escalation
from rotas.queries.policy import choose
from services.choices import AgreementKind, Party, PromiseKind

__all__ = [
    "accept_hand_off",
    "acknowledge",
    "assign",
    "bounce_hand_off",
    "cancel",
    "close",
    "deliver",
    "escalate",
    "hand_off",
    "hold",
    "impact",
    "investigate",
    "link",
    "mitigate",
    "note",
    "open_incident",
    "reopen",
    "resolve",
    "resume",
    "take_back",
]


@transaction.atomic
def acknowledge(incident: Incident, *, actor: Actor, now: datetime, note: str = "") -> Incident:
    """Somebody has it: the promise is met, the call stops. The person becomes the owner if nobody is."""
    incident = lock(incident.pk)
    changes = would_change("acknowledge", incident.state)
    if incident.acknowledged_at is not None and not changes:
        acknowledge_call(incident, actor=actor, now=now)
        return incident
    _take(incident, actor=actor, now=now)
    if changes:  # else it was put on hold before anybody had it: it stays there, and has somebody now
        incident.state = State.ACKNOWLEDGED
    words = f"{actor.name} acknowledged{actor.by_way}{_ahead(incident, now)}"
    _say(incident, words, note, actor=actor, now=now)
    save(incident, ["state", "owner", "party", "acknowledged_at"])
    return incident


@transaction.atomic
def investigate(incident: Incident, *, actor: Actor, now: datetime, note: str = "") -> Incident:
    """Work begins. From new it acknowledges too; from hold it resumes."""
    incident = lock(incident.pk)
    if not would_change("investigate", incident.state):
        return incident
    _take(incident, actor=actor, now=now)
    leave_hold(incident, now=now)
    incident.state = State.INVESTIGATING
    if incident.mitigated_at is not None:
        clocks.hurts_again(incident, now=now)
    incident.mitigated_at = None
    _say(incident, f"{actor.name} investigates", note, actor=actor, now=now)
    save(
        incident, ["state", "owner", "party", "acknowledged_at", "mitigated_at", "hold_party", "hold_reason"]
    )
    return incident


@transaction.atomic
def hold(
    incident: Incident, *, actor: Actor, now: datetime, party: str = Party.CLIENT, reason: str = ""
) -> Incident:
    """Wait for `party`: pausable clocks stand still and the call pauses. Holding again changes whom we wait for.

    Raises Invalid without a reason.
    """
    incident = lock(incident.pk)
    would_change("hold", incident.state)
    if party not in Party.values:
        raise Invalid("Say whom it waits for.", fields={"party": f"one of {', '.join(Party.values)}"})
    if not reason.strip():
        raise Invalid("Say what you wait for, so that the next shift knows.", fields={"reason": "required"})
    if incident.state == State.ON_HOLD and (incident.hold_party, incident.hold_reason) == (
        party,
        reason.strip(),
    ):
        return incident
    incident.hold_party, incident.hold_reason = party, reason.strip()[:300]
    if incident.state != State.ON_HOLD:
        incident.state = State.ON_HOLD
        escalation.pause("incident", incident.pk, now=now)
    if not parties.hand_to(incident, party, team=None, now=now):
        clocks.settle(incident, now=now)
    record(
        incident,
        EntryKind.STATE,
        f"On hold, waits for {Party(party).label}: {incident.hold_reason}",
        actor=actor,
        now=now,
        visibility=Visibility.CLIENT,
        data={"state": State.ON_HOLD, "party": party},
    )
    save(incident, ["state", "hold_party", "hold_reason", "party"])
    return incident


@transaction.atomic
def resume(incident: Incident, *, actor: Actor, now: datetime, note: str = "") -> Incident:
    """The wait is over: clocks go on with what was left."""
    incident = lock(incident.pk)
    if not would_change("resume", incident.state):
        return incident
    leave_hold(incident, now=now)
    incident.state = State.INVESTIGATING if incident.acknowledged_at else State.NEW
    _say(incident, f"{actor.name} resumed work", note, actor=actor, now=now)
    save(incident, ["state", "hold_party", "hold_reason", "party"])
    return incident


@transaction.atomic
def mitigate(incident: Incident, *, actor: Actor, now: datetime, note: str = "") -> Incident:
    """It no longer hurts; the cause may remain. The resolve promise counts on."""
    incident = lock(incident.pk)
    if not would_change("mitigate", incident.state):
        return incident
    _take(incident, actor=actor, now=now)
    leave_hold(incident, now=now)
    incident.state, incident.mitigated_at = State.MITIGATED, now
    clocks.meet(incident, PromiseKind.MITIGATE, now=now, actor=actor)
    over(incident, actor=actor, now=now)
    _say(incident, f"{actor.name} mitigated it", note, actor=actor, now=now)
    save(
        incident, ["state", "owner", "party", "acknowledged_at", "mitigated_at", "hold_party", "hold_reason"]
    )
    return incident


@transaction.atomic
def resolve(
    incident: Incident, *, actor: Actor, now: datetime, resolution: str = Resolution.FIXED, note: str = ""
) -> Incident:
    """It is over. Legal from any open state: promises are met, the call and waiting messages stop."""
    incident = lock(incident.pk)
    if resolution not in SAYABLE:
        raise Invalid("Say how it ended.", fields={"resolution": f"one of {', '.join(SAYABLE)}"})
    if not would_change("resolve", incident.state):
        return incident
    leave_hold(incident, now=now)
    if actor.kind == "person" and incident.acknowledged_at is None:
        _take(incident, actor=actor, now=now)
    underpinning.ended(incident, now=now)
    stop_calling(incident, "resolved", now=now)
    incident.state, incident.resolved_at = State.RESOLVED, now
    incident.resolution, incident.resolution_note = resolution, note
    clocks.resolved(incident, now=now, actor=actor)
    parties.end(incident, now=now)
    words = f"{actor.name} resolved it as {Resolution(resolution).label.lower()}, {_open_for(incident, now)}"
    over(incident, actor=actor, now=now)
    _say(incident, words, note, actor=actor, now=now)
    save(
        incident,
        ["state", "owner", "party", "acknowledged_at", "resolved_at", "resolution", "resolution_note", "hold_party", "hold_reason"],
    )  # fmt: skip
    tell(
        incident,
        [incident.owner],
        "resolved",
        kind="incident.resolved",
        key=f"incident:{incident.pk}:resolved:{incident.reopened_count}",
        actor=actor,
        now=now,
    )
    return incident


@transaction.atomic
def close(incident: Incident, *, actor: Actor, now: datetime, note: str = "") -> Incident:
    """The record is complete."""
    incident = lock(incident.pk)
    if not would_change("close", incident.state):
        return incident
    incident.state, incident.closed_at = State.CLOSED, now
    _say(incident, f"{actor.name} closed it", note, actor=actor, now=now)
    save(incident, ["state", "closed_at"])
    return incident


@transaction.atomic
def reopen(incident: Incident, *, actor: Actor, now: datetime, note: str = "") -> Incident:
    """It wasn't over: back to investigating, the resolve promise counts on, the call resumes."""
    incident = lock(incident.pk)
    if not would_change("reopen", incident.state):
        return incident
    incident.state = State.INVESTIGATING
    incident.resolved_at = incident.closed_at = incident.mitigated_at = None
    incident.resolution = incident.resolution_note = ""
    incident.reopened_count += 1
    parties.hand_to(
        incident,
        parties.party_of_team(incident.service.owning_team),
        team=incident.service.owning_team,
        now=now,
    )
    clocks.reopen(incident, now=now)
    escalation.restart("incident", incident.pk, choose(incident.service, incident.severity, now), now=now)
    _say(incident, f"{actor.name} reopened it", note, actor=actor, now=now)
    save(
        incident,
        ["state", "resolved_at", "closed_at", "mitigated_at", "resolution", "resolution_note", "reopened_count", "party"],
    )  # fmt: skip
    nudge.nudge("rotas.tasks.escalate")
    return incident


@transaction.atomic
def cancel(incident: Incident, *, actor: Actor, now: datetime, reason: str = "") -> Incident:
    """It should not have been opened. Promises are cancelled, not met. Raises Invalid without a reason."""
    incident = lock(incident.pk)
    if not would_change("cancel", incident.state):
        return incident
    if not reason.strip():
        raise Invalid("Say why it is cancelled.", fields={"reason": "required"})
    incident.state = State.CANCELLED
    incident.hold_party = incident.hold_reason = ""
    clocks.cancel(incident, now=now)
    never_was(incident)
    stop_calling(incident, "cancelled", now=now)
    parties.end(incident, now=now)
    _say(incident, f"{actor.name} cancelled it", reason, actor=actor, now=now)
    save(incident, ["state", "hold_party", "hold_reason"])
    return incident


def _take(incident: Incident, *, actor: Actor, now: datetime) -> None:
    """Work on it means it is acknowledged: promise met, call stopped, owner if nobody is."""
    user = actor.user
    if user is not None and actor.kind == "person":
        if incident.owner_id is None:
            incident.owner = user
        parties.join(incident, user, "responder", now=now)
        handed.begun_by(incident, user, now=now)
    if incident.acknowledged_at is None:
        incident.acknowledged_at = now
        clocks.meet(incident, PromiseKind.ACKNOWLEDGE, now=now, actor=actor)
    stop_calling(incident, "acknowledged", now=now)


def _say(incident: Incident, words: str, note: str, *, actor: Actor, now: datetime) -> None:
    held = {"party": incident.hold_party} if incident.state == State.ON_HOLD else {}
    record(
        incident,
        EntryKind.STATE,
        words,
        actor=actor,
        now=now,
        visibility=Visibility.CLIENT,
        data={"state": incident.state, **held, **({"note": note.strip()} if note.strip() else {})},
    )


def _ahead(incident: Incident, now: datetime) -> str:
    """How much of the acknowledge promise was to spare, in time that counts, for the timeline."""
    clock = incident.clocks.filter(kind=PromiseKind.ACKNOWLEDGE, basis=AgreementKind.SLA, met_at=now).first()
    if clock is None:
        return ""
    spare = int(clocks.remaining(clock, now).total_seconds())
    return f", {duration(spare)} to spare" if spare >= 0 else f", {duration(-spare)} late"


def _open_for(incident: Incident, now: datetime) -> str:
    return f"open for {duration((now - incident.opened_at).total_seconds())}"
