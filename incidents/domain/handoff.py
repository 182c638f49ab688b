"""Verbs about whose work it is: hand on, take over, give back, take back.

The work is the receiving party's from the moment it is handed on, so that the time counts for them; that they
know of it is what taking over says. Who gets what, and what has to be brought, is in the boundaries of the service.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Team, User
from accounts.rules import is_support
from core.errors import IllegalState, Invalid, NotAllowed
from core.types import Actor
from incidents.choices import EntryKind, Visibility
from incidents.domain import handed, parties
from incidents.domain.locks import lock
from incidents.domain.states import would_change
from incidents.domain.timeline import record
from incidents.domain.writing import save, tell
from incidents.models import HandOff, Incident
from incidents.queries.receivers import may_answer, receivers
from notifications.domain.outbox import cancel_about
from services.choices import Party
from services.domain.boundaries import evidence_missing
from services.queries.boundaries import parties_of
from services.types import PartyBounds

KIND = "incident.hand_off"
MAX_GIVEN = 2_000
MAX_NOTE = 5_000
MAX_REASON = 300
_READ_BY_CLIENT = {Party.CLIENT, Party.PARTNER}


@transaction.atomic
def hand_off(
    incident: Incident,
    *,
    actor: Actor,
    now: datetime,
    party: str = "",
    team: Team | None = None,
    evidence: Mapping[str, str] | None = None,
    note: str = "",
) -> Incident:
    """Give the work to `party`; its team is the one named in the boundaries unless `team` says otherwise.

    `evidence` is by key what was brought along, in words or as a link. What the party must have and wasn't given
    is refused by name. Handing it to whoever holds it changes nothing. Raises Invalid, IllegalState.
    """
    incident = lock(incident.pk)
    would_change("hand_off", incident.state)
    if party not in Party.values:
        raise Invalid("Say whom you hand it to.", fields={"party": f"one of {', '.join(Party.values)}"})
    bounds = parties_of(incident.service).get(party)
    to_team = _team(party, team, bounds)
    before = incident.party_intervals.filter(ends_at__isnull=True).select_related("team").first()
    if (
        before is not None
        and before.party == party
        and (to_team is None or before.team_id in {None, to_team.pk})
    ):
        return incident
    standing = handed.standing(incident)
    if standing is not None and standing.waits:
        waits_for = Party(standing.to_party).label
        raise IllegalState(f"It waits for {waits_for} to take it over. Take it back first.")
    given = _checked(bounds, evidence or {}, party)
    words = _note(note)
    made = HandOff.objects.create(
        incident=incident,
        from_party=before.party if before else incident.party,
        from_team=before.team if before else None,
        to_party=party,
        to_team=to_team,
        evidence=given,
        note=words,
        at=now,
        by=actor.user,
        by_name=actor.name[:160],
    )
    parties.hand_to(incident, party, team=to_team, now=now)
    label = str(Party(party).label)
    whom = f"{label} ({to_team})" if to_team is not None and str(to_team) != label else label
    told = receivers(incident.service, party, to_team, now)
    said = f"{actor.name} handed it to {whom}"
    silent = "" if told else "; nobody of them could be told from here"
    _say(incident, made, f"{said}{silent}", words, actor=actor, now=now)
    save(incident, ["party"])
    tell(
        incident,
        told,
        said,
        kind=KIND,
        key=f"hand-off:{made.pk}",
        actor=actor,
        now=now,
        urgent=True,
        outside=True,
    )
    return incident


@transaction.atomic
def accept_hand_off(incident: Incident, *, actor: Actor, now: datetime, note: str = "") -> Incident:
    """The receiving party knows of it and takes it over; a responder becomes its owner. Taken over already, nothing changes.

    Raises IllegalState where none stands, NotAllowed for outsiders whom it wasn't handed to.
    """
    incident = lock(incident.pk)
    would_change("accept_hand_off", incident.state)
    standing = _standing(incident)
    _only_receivers(actor.user, incident, standing)
    if not standing.waits:
        return incident
    person = actor.user if actor.kind in {"person", "token"} else None
    handed.accept(incident, standing, person, now=now)
    fields = []
    if person is not None and is_support(person) and person.role != "service":
        if handed.is_of(person, standing) or incident.owner_id is None:
            incident.owner = person
            fields.append("owner")
        parties.join(incident, person, "responder", now=now)
    label = Party(standing.to_party).label
    _say(incident, standing, f"{actor.name} took it over for {label}", _note(note), actor=actor, now=now)
    save(incident, fields)
    _quiet(incident, now)
    _tell_giver(incident, standing, f"{label} took it over", actor=actor, now=now)
    return incident


@transaction.atomic
def bounce_hand_off(incident: Incident, *, actor: Actor, now: datetime, reason: str = "") -> Incident:
    """The receiving party gives it back, and says why: the work is the giver's again. Raises as `accept_hand_off`, and
    Invalid without a reason."""
    incident = lock(incident.pk)
    would_change("bounce_hand_off", incident.state)
    standing = _standing(incident)
    _only_receivers(actor.user, incident, standing)
    words = _words(reason)
    if not words or len(words) > MAX_REASON:
        raise Invalid(
            f"Say in at most {MAX_REASON} characters why you give it back, so that they know what is missing.",
            fields={"reason": "required" if not words else "too long"},
        )
    _back(incident, standing, now=now, bounced=True)
    standing.bounced_at, standing.bounced_by, standing.bounce_reason = standing.ended_at, actor.user, words
    standing.save(update_fields=["ended_at", "bounced_at", "bounced_by", "bounce_reason"])
    label = Party(standing.from_party).label
    _say(incident, standing, f"{actor.name} gave it back to {label}: {words}", "", actor=actor, now=now)
    save(incident, ["party"])
    _quiet(incident, now)
    _tell_giver(incident, standing, f"{actor.name} gave it back: {words}", actor=actor, now=now, urgent=True)
    return incident


@transaction.atomic
def take_back(incident: Incident, *, actor: Actor, now: datetime, note: str = "") -> Incident:
    """The giver has it again: before it was taken over, or when the other party is done with it.

    Raises IllegalState where no hand-off stands.
    """
    incident = lock(incident.pk)
    would_change("take_back", incident.state)
    standing = _standing(incident)
    _back(incident, standing, now=now)
    standing.returned_at = standing.ended_at
    standing.save(update_fields=["ended_at", "returned_at"])
    label = Party(standing.from_party).label
    _say(incident, standing, f"{actor.name} took it back to {label}", _note(note), actor=actor, now=now)
    save(incident, ["party"])
    _quiet(incident, now)
    return incident


def _standing(incident: Incident) -> HandOff:
    found = handed.standing(incident)
    if found is None:
        raise IllegalState("It was handed to nobody.")
    return found


def _only_receivers(user: Any, incident: Incident, hand_off: HandOff) -> None:
    if user is not None and not may_answer(user, incident.service, hand_off.to_party, hand_off.to_team_id):
        raise NotAllowed(f"It was handed to {Party(hand_off.to_party).label}; only they answer.")


def _back(incident: Incident, hand_off: HandOff, *, now: datetime, bounced: bool = False) -> None:
    """The work is the giver's again, unless it has gone on to somebody else meanwhile."""
    current = incident.party_intervals.filter(ends_at__isnull=True).first()
    if current is None or current.party == hand_off.to_party:
        parties.hand_to(incident, hand_off.from_party, team=hand_off.from_team, now=now, bounced=bounced)
    hand_off.ended_at = max(now, hand_off.at)


def _team(party: str, team: Team | None, bounds: PartyBounds | None) -> Team | None:
    if team is not None:
        if parties.party_of_team(team) != party:
            raise Invalid(
                f"{team} is not {Party(party).label}.", fields={"team": f"a team of {Party(party).label}"}
            )
        return team
    known = bounds.team_id if bounds is not None else None
    return Team.objects.filter(pk=known).first() if known is not None else None


def _checked(bounds: PartyBounds | None, given: Mapping[str, str], party: str) -> list[dict[str, str]]:
    """What was brought along, in the order in which it is asked for. Raises Invalid with everything that is missing."""
    asked = {each.key: each for each in bounds.evidence} if bounds is not None else {}
    words = {key: _words(value) for key, value in given.items() if _words(value)}
    unknown = sorted(set(words) - set(asked))
    label = Party(party).label
    if unknown:
        known = ", ".join(asked) or "nothing"
        raise Invalid(
            f"{label} doesn't ask for {', '.join(unknown)[:120]}. It asks for: {known}.",
            fields={"evidence": "unknown key"},
        )
    long = sorted(asked[key].label for key, value in words.items() if len(value) > MAX_GIVEN)
    if long:
        raise Invalid(
            f"“{long[0]}” has at most {MAX_GIVEN} characters; give a link to the rest.",
            fields={"evidence": "too long"},
        )
    missing = evidence_missing(bounds, words)
    if missing:
        raise Invalid(
            f"{label} needs more to take it over: {'; '.join(missing)}.",
            fields={"evidence": "; ".join(missing)},
            extra={"missing": missing},
        )
    return [
        {"key": each.key, "label": each.label, "given": words[each.key]}
        for each in asked.values()
        if each.key in words
    ]


def _note(text: str) -> str:
    words = _words(text)
    if len(words) > MAX_NOTE:
        raise Invalid(f"A note has at most {MAX_NOTE} characters.", fields={"note": "too long"})
    return words


def _words(text: Any) -> str:
    return str(text or "").replace("\x00", "").strip()


def _say(
    incident: Incident, hand_off: HandOff, words: str, note: str, *, actor: Actor, now: datetime
) -> None:
    """A line; where the client or a partner is one of the two, they read it, and its note."""
    outside = bool({hand_off.from_party, hand_off.to_party} & _READ_BY_CLIENT)
    data: dict[str, Any] = {"party": incident.party, "hand_off": hand_off.pk}
    record(
        incident,
        EntryKind.PARTY,
        f"{words}: {note}" if outside and note else words,
        actor=actor,
        now=now,
        visibility=Visibility.CLIENT if outside else Visibility.INTERNAL,
        data={**data, "note": note} if note and not outside else data,
    )


def _quiet(incident: Incident, now: datetime) -> None:
    """Nobody needs to be told any more that it was handed to them."""
    cancel_about(
        "incident", incident.ref, kinds=(KIND,), now=now, reason="taken over or back", keep_inbox=True
    )


def _tell_giver(
    incident: Incident, hand_off: HandOff, what: str, *, actor: Actor, now: datetime, urgent: bool = False
) -> None:
    giver: User | None = hand_off.by
    people = {person.pk: person for person in (giver, incident.owner) if person is not None}
    tell(
        incident,
        people.values(),
        what[:180],
        kind="incident.hand_off_answered",
        key=f"hand-off:{hand_off.pk}:answered:{incident.version}",
        actor=actor,
        now=now,
        urgent=urgent,
    )
