"""Verbs about people and words: assign, note, escalate, watch."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.rules import is_support
from core import nudge
from core.errors import Invalid
from core.types import Actor
from incidents.choices import EntryKind, Visibility
from incidents.domain import handed, parties
from incidents.domain.counting import updated
from incidents.domain.holding import answered
from incidents.domain.locks import lock
from incidents.domain.states import would_change
from incidents.domain.timeline import record
from incidents.domain.writing import save, tell
from incidents.models import Entry, Incident
from notifications.domain.outbox import cancel_about
from rotas.domain import escalation

MAX_NOTE = 20_000


@transaction.atomic
def assign(incident: Incident, *, actor: Actor, now: datetime, owner: User | None) -> Incident:
    """Give it to somebody (or to nobody). Raises Invalid for people who can't work incidents."""
    incident = lock(incident.pk)
    would_change("assign", incident.state)
    if owner is not None and not (owner.is_active and is_support(owner) and owner.role != "service"):
        raise Invalid(
            f"{owner} can't own incidents: not an active responder.", fields={"owner": "not a responder"}
        )
    if incident.owner_id == (owner.pk if owner else None):
        return incident
    incident.owner = owner
    fields = ["owner"]
    if owner is not None:
        parties.join(incident, owner, "responder", now=now)
        side = parties.party_of_person(owner)
        if (
            side is not None
            and not incident.hold_party
            and parties.hand_to(incident, side[0], team=side[1], now=now)
        ):
            fields.append("party")
        handed.begun_by(incident, owner, now=now)
    words = _assign_words(actor, owner)
    record(
        incident, EntryKind.OWNER, words, actor=actor, now=now, data={"owner": owner.pk if owner else None}
    )
    save(incident, fields)
    # whoever it was given to before needs not come any more
    cancel_about(
        "incident",
        incident.ref,
        kinds=("incident.assigned",),
        now=now,
        reason="given to somebody else",
        keep_inbox=True,
    )
    tell(
        incident,
        [owner],
        f"{actor.name} gave it to you",
        kind="incident.assigned",
        key=f"incident:{incident.pk}:assigned:{incident.version}",
        actor=actor,
        now=now,
        urgent=True,
    )
    return incident


@transaction.atomic
def note(
    incident: Incident,
    *,
    actor: Actor,
    now: datetime,
    text: str,
    visibility: str = Visibility.INTERNAL,
    happened_at: datetime | None = None,
    corrects: Entry | None = None,
) -> Entry:
    """Say something on the timeline. `happened_at` may lie back, never ahead. Raises Invalid."""
    incident = lock(incident.pk)
    words = text.strip()
    if not words:
        raise Invalid("Write something first.", fields={"text": "required"})
    if len(words) > MAX_NOTE:
        raise Invalid(
            f"A note has at most {MAX_NOTE} characters; attach the rest as a link.",
            fields={"text": "too long"},
        )
    if visibility not in Visibility.values:
        raise Invalid("Say who reads it.", fields={"visibility": f"one of {', '.join(Visibility.values)}"})
    if corrects is not None and corrects.incident_id != incident.pk:
        raise Invalid("That line belongs to another incident.", fields={"corrects": "another incident's"})
    entry = record(
        incident,
        EntryKind.NOTE,
        words.replace("\x00", ""),
        actor=actor,
        now=now,
        happened_at=min(happened_at, now) if happened_at else None,
        visibility=Visibility(visibility),
        data={"corrects": corrects.pk} if corrects else None,
    )
    if actor.user is not None and actor.kind == "person":
        parties.join(incident, actor.user, "responder" if is_support(actor.user) else "watcher", now=now)
    if entry.visibility == Visibility.CLIENT and actor.user is not None and is_support(actor.user):
        updated(incident, now=now)
    save(incident, answered(incident, actor=actor, now=now))
    tell_owner_of_outside_words(incident, entry, actor=actor, now=now)
    return entry


def tell_owner_of_outside_words(incident: Incident, entry: Entry, *, actor: Actor, now: datetime) -> None:
    """The owner hears of every line that the client reads, unless it is their own."""
    if incident.owner is None or entry.visibility != Visibility.CLIENT:
        return
    tell(
        incident,
        [incident.owner],
        f"{actor.name} wrote",
        kind="incident.note",
        key=f"entry:{entry.pk}",
        actor=actor,
        now=now,
    )


@transaction.atomic
def escalate(
    incident: Incident,
    *,
    actor: Actor,
    now: datetime,
    note: str = "",
    step: int | None = None,
    person: User | None = None,
) -> Incident:
    """Call the next step of the policy now, or the one chosen, or a person, whoever has acknowledged before.

    Raises what `escalation.escalate_now` does.
    """
    incident = lock(incident.pk)
    would_change("escalate", incident.state)
    whom = f" to step {step}" if step else f" to {person}" if person else ""
    data = {"note": note.strip()} if note.strip() else {}
    record(
        incident,
        EntryKind.CALL,
        f"{actor.name} escalated{whom}",
        actor=actor,
        now=now,
        data={**data, "person": person.pk} if person else data or None,
    )
    escalation.escalate_now("incident", incident.pk, actor=actor, now=now, step=step, person=person)
    save(incident, [])
    nudge.nudge("rotas.tasks.escalate")
    return incident


def _assign_words(actor: Actor, owner: User | None) -> str:
    if owner is None:
        return f"{actor.name} put it back: nobody owns it"
    if owner.pk == actor.user_id:
        return f"{actor.name} took it"
    return f"{actor.name} gave it to {owner}"
