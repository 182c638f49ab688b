"""What promises say: a warning before the time, the word that it has passed; on the timeline and to people.

Many are said at once: as many questions to the database for a hundred incidents as for one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from accounts.queries.people import leads
from core.types import SYSTEM
from core.ui.words import duration
from incidents.choices import EntryKind
from incidents.domain.timeline import entry_for
from incidents.models import Clock, Entry, Incident
from incidents.rules import can_work
from notifications.domain.outbox import announce_all
from notifications.types import Announcement
from rotas.queries.calls import called_people_of
from services.choices import AgreementKind, Party, RungAct, RungWhom, TargetMode
from services.queries.words import target_words
from services.types import Target

Hands = Mapping[int, list[User]]


@dataclass(frozen=True, slots=True)
class Saying:
    """One thing to be said about one promise, and to whom."""

    clock: Clock
    incident: Incident
    words: str
    rung: str
    people: list[User]


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
    words = f"{name_of(clock)} is due in {rest}"
    return Saying(clock, incident, words, "warn", hands[incident.pk])


def breach(clock: Clock, incident: Incident, hands: Hands, now: datetime) -> Saying:
    """Mark it as late; what is to be said, to the team's lead too."""
    clock.breached_at = clock.due_at
    clock.warned_at = clock.warned_at or now
    by = "by" if clock.mode == TargetMode.NEXT_DAY else "within"
    words = f"{name_of(clock)} is late: it was promised {by} {length_of(clock)}"
    lead = _working([incident.service.owning_team.lead])
    people = {person.pk: person for person in [*hands[incident.pk], *lead]}
    return Saying(clock, incident, words, "breach", list(people.values()))


def name_of(clock: Clock) -> str:
    """What is promised, and by whom where it isn't us."""
    kind = str(clock.get_kind_display())
    return kind if clock.basis == AgreementKind.SLA else f"{Party(clock.provider).label}: {kind.lower()}"


def length_of(clock: Clock) -> str:
    """How long is promised, in words."""
    if clock.mode in {TargetMode.BUSINESS_DAYS, TargetMode.NEXT_DAY}:
        return target_words(Target(clock.mode, days=clock.days or 0, at=clock.at), around_the_clock=False)
    return duration(clock.target_seconds)


def rung(clock: Clock, incident: Incident, place: int, hands: Hands, now: datetime) -> Saying:
    """What a rung of the ladder says: how much is left or how late it is, or that the client waits for word."""
    step = clock.rungs[place]
    rest = int((clock.due_at - now).total_seconds())
    when = f"is due in {duration(rest)}" if rest >= 0 else f"is {duration(-rest)} late"
    words = f"{name_of(clock)} {when}"
    if step["act"] == RungAct.REMIND:
        words = f"Post an update: {words[0].lower()}{words[1:]}"
    return Saying(clock, incident, words, f"rung-{place}", _whom(step["whom"], incident, hands))


def _whom(whom: str, incident: Incident, hands: Hands) -> list[User]:
    if whom == RungWhom.LEAD:
        return _working([incident.service.owning_team.lead])
    if whom == RungWhom.LEADS:
        return list(leads())
    if whom == RungWhom.PARTY:
        return _working(_team_with_the_work(incident)) or hands[incident.pk]
    return hands[incident.pk]


def _team_with_the_work(incident: Incident) -> list[User]:
    held = (
        incident.party_intervals.filter(ends_at__isnull=True, team__isnull=False)
        .select_related("team")
        .first()
    )
    return list(held.team.members.filter(is_active=True)) if held is not None and held.team else []


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
    due = "" if saying.rung == "breach" else f":{clock.due_at:%Y%m%dT%H%M%S}"
    return f"clock:{clock.pk}:{clock.cycle}:{saying.rung}{due}"


def _announcement(saying: Saying) -> Announcement:
    clock, incident = saying.clock, saying.incident
    late = saying.rung == "breach" or (saying.rung != "warn" and clock.breached_at is not None)
    return Announcement(
        key=_key(saying),
        kind="clock.breach" if late else "clock.warn",
        urgency="urgent" if late else "ordinary",
        subject=f"{incident.severity} {incident.ref}: {saying.words}"[:200],
        body=incident.title,
        url=f"/incidents/{incident.ref}/",
        about_kind="incident",
        about_ref=incident.ref,
        data={
            "severity": incident.severity,
            "story": _story(clock),
        },
    )


def _story(clock: Clock) -> str:
    return clock.kind if clock.basis == AgreementKind.SLA else f"{clock.provider}-{clock.kind}"
