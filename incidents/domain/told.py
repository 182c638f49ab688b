"""What promises say: a warning before the time, the word that it has passed; on the timeline and to people.

Many are said at once: as many questions to the database for a hundred incidents as for one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from core.types import SYSTEM
from core.ui.words import duration
from incidents.choices import EntryKind
from incidents.domain.timeline import entry_for
from incidents.models import Clock, Entry, Incident
from incidents.rules import can_work
from notifications.domain.outbox import announce_all
from notifications.types import Announcement
from rotas.queries.calls import called_people_of
from services.domain import promise

Hands = Mapping[int, list[User]]


@dataclass(frozen=True, slots=True)
class Saying:
    """One thing to be said about one promise, and to whom."""

    clock: Clock
    incident: Incident
    words: str
    rung: str
    people: list[User]


def next_event(clock: Clock) -> datetime | None:
    """When something happens to it next; None when all is said."""
    return promise.next_event(
        plan_of(clock), warned=clock.warned_at is not None, breached=clock.breached_at is not None
    )


def plan_of(clock: Clock) -> promise.Plan:
    """When it warns and when it is due."""
    return promise.Plan(warn_at=clock.warn_at or clock.due_at, due_at=clock.due_at)


def hands_of(incidents: Iterable[Incident]) -> Hands:
    """Whose hands each is in, by its id: the owner, else whoever was called so far, else the team's lead.

    Who works no incidents any more has none in hand.
    """
    every = list(incidents)
    owned = {each.pk: _working([each.owner]) for each in every}
    called = called_people_of("incident", [pk for pk, owner in owned.items() if not owner])
    return {
        each.pk: owned[each.pk]
        or _working(called.get(each.pk, ()))
        or _working([each.service.owning_team.lead])
        for each in every
    }


def _working(people: Iterable[User | None]) -> list[User]:
    return [person for person in people if person is not None and can_work(person)]


def warn(clock: Clock, incident: Incident, hands: Hands, now: datetime) -> Saying:
    """Mark it as warned; what is to be said."""
    clock.warned_at = now
    rest = duration(max(int((clock.due_at - now).total_seconds()), 0))
    words = f"{clock.get_kind_display()} is due in {rest}"
    return Saying(clock, incident, words, "warn", hands[incident.pk])


def breach(clock: Clock, incident: Incident, hands: Hands, now: datetime) -> Saying:
    """Mark it as late; what is to be said, to the team's lead too."""
    clock.breached_at = clock.due_at
    clock.warned_at = clock.warned_at or now
    words = f"{clock.get_kind_display()} is late: it was promised within {duration(clock.target_seconds)}"
    lead = _working([incident.service.owning_team.lead])
    people = {person.pk: person for person in [*hands[incident.pk], *lead]}
    return Saying(clock, incident, words, "breach", list(people.values()))


def speak(sayings: Sequence[Saying], now: datetime) -> None:
    """Say it all. The caller holds the incidents and saves their LINE_FIELDS."""
    Entry.objects.bulk_create([_line(saying, now) for saying in sayings])
    announce_all([(_announcement(saying), saying.people) for saying in sayings], now=now)


def _line(saying: Saying, now: datetime) -> Entry:
    clock = saying.clock
    data = {"clock": clock.pk, "kind": clock.kind, "rung": saying.rung, "due_at": clock.due_at.isoformat()}
    return entry_for(saying.incident, EntryKind.CLOCK, saying.words, actor=SYSTEM, now=now, data=data)


def _key(saying: Saying) -> str:
    """A breach is told once; a warning once for each time that it is due."""
    clock = saying.clock
    due = f":{clock.due_at:%Y%m%dT%H%M%S}" if saying.rung == "warn" else ""
    return f"clock:{clock.pk}:{clock.cycle}:{saying.rung}{due}"


def _announcement(saying: Saying) -> Announcement:
    clock, incident = saying.clock, saying.incident
    return Announcement(
        key=_key(saying),
        kind=f"clock.{saying.rung}",
        urgency="urgent" if saying.rung == "breach" else "ordinary",
        subject=f"{incident.severity} {incident.ref}: {saying.words}"[:200],
        body=incident.title,
        url=f"/incidents/{incident.ref}/",
        about_kind="incident",
        about_ref=incident.ref,
        data={"severity": incident.severity, "story": clock.kind},
    )
