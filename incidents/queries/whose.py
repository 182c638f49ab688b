"""Whose an incident is now, for its page: who holds it, what waits to be taken over, what the reader may do."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.rules import is_stakeholder, is_support
from core.ui.words import duration
from incidents.domain.parties import party_of_person
from incidents.models import Incident
from incidents.queries.receivers import may_answer
from services.choices import Authority, Party
from services.domain.links import is_safe
from services.models import Service
from services.queries.boundaries import parties_of
from services.types import PartyBounds


@dataclass(frozen=True, slots=True)
class Holder:
    """The party that holds the work, in words, with its team ("" where none is known) and since when."""

    party: str
    label: str
    team: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Brought:
    """One thing that was brought along; `href` where it is a link."""

    label: str
    given: str
    href: str


@dataclass(frozen=True, slots=True)
class Handed:
    """The hand-off that stands: it waits to be taken over, or was."""

    giver: str
    receiver: str
    team: str
    by: str
    at: datetime
    accepted_at: datetime | None
    accepted_by: str
    brought: tuple[Brought, ...]
    note: str

    @property
    def waits(self) -> bool:
        return self.accepted_at is None


@dataclass(frozen=True, slots=True)
class Spent:
    """How long a party held the work: a share of the whole in percent, and whether it does now."""

    label: str
    length: timedelta
    percent: int
    is_now: bool


@dataclass(frozen=True, slots=True)
class Mine:
    """What holds for the reader's party here; `next` is the party it hands on to, with what that one asks for."""

    label: str
    bounds: PartyBounds | None
    may: tuple[str, ...]
    next: PartyBounds | None
    next_label: str
    timebox: str


def holder(incident: Incident) -> Holder | None:
    """Who holds the work now; None once it ended. Of an incident that was read `for_page`; no query."""
    for row in reversed(incident.held):  # type: ignore[attr-defined]
        if row["until"] is None:
            label = str(Party(row["party"]).label)
            team = row["team"] if row["team"] and row["team"] != label else ""
            return Holder(row["party"], label, team, datetime.fromisoformat(row["since"]))
    return None


def handed(incident: Incident) -> Handed | None:
    """The hand-off that stands. Of an incident that was read `for_page`; no query."""
    row: dict[str, Any] | None = incident.handed  # type: ignore[attr-defined]
    if row is None or not incident.is_open:
        return None
    brought = tuple(
        Brought(each["label"], each["given"], each["given"] if is_safe(each["given"]) else "")
        for each in row["evidence"]
    )
    return Handed(
        giver=str(Party(row["from_party"]).label),
        receiver=str(Party(row["party"]).label),
        team=row["team"] or "",
        by=row["by"],
        at=datetime.fromisoformat(row["at"]),
        accepted_at=datetime.fromisoformat(row["accepted_at"]) if row["accepted_at"] else None,
        accepted_by=row["accepted_by"] or "",
        brought=brought,
        note=row["note"],
    )


def answers(user: Any, incident: Incident) -> bool:
    """Whether something waits for this reader to take over or give back. A query for outsiders where something does."""
    row: dict[str, Any] | None = incident.handed  # type: ignore[attr-defined]
    if row is None or row["accepted_at"] is not None or not incident.is_open:
        return False
    return may_answer(user, incident.service, row["party"], row["team_id"])


def time_by_party(incident: Incident, now: datetime) -> list[Spent]:
    """How long each party held the work, in the order in which they first did.

    Of an incident that was read `for_page`; no query.
    """
    held: dict[str, timedelta] = {}
    present = ""
    for row in incident.held:  # type: ignore[attr-defined]
        until = datetime.fromisoformat(row["until"]) if row["until"] else now
        since = datetime.fromisoformat(row["since"])
        held[row["party"]] = held.get(row["party"], timedelta()) + max(until - since, timedelta())
        present = row["party"] if row["until"] is None else present
    whole = sum(held.values(), timedelta()) or timedelta(seconds=1)
    return [
        Spent(str(Party(party).label), length, round(100 * length / whole), party == present)
        for party, length in held.items()
    ]


def mine(user: Any, incident: Incident) -> Mine | None:
    """What the reader's own party may do here and has to bring when it hands on; None for who is of no party here."""
    party = _party_of(user, incident.service)
    if party is None:
        return None
    parties = parties_of(incident.service)
    bounds = parties.get(party)
    following = parties.get(bounds.hands_to) if bounds is not None and bounds.hands_to else None
    return Mine(
        label=str(Party(party).label),
        bounds=bounds,
        may=tuple(str(Authority(each).label) for each in (bounds.authority if bounds else ())),
        next=following,
        next_label=str(Party(following.party).label) if following is not None else "",
        timebox=duration(bounds.timebox * 60) if bounds is not None and bounds.timebox else "",
    )


def _party_of(user: Any, service: Service) -> str | None:
    """Support is the party of its team, L1 where it has none; an outsider that of their team, else the client."""
    side = party_of_person(user)
    if side is not None:
        return side[0]
    if is_support(user):
        return str(Party.L1)
    return str(Party.CLIENT) if is_stakeholder(user) else None
