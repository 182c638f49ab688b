"""What stands beside the timeline of one incident."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, Max, Prefetch

from core.search import normalise
from core.ui.slabar import SlaBar
from incidents.choices import ClockState, Party
from incidents.models import Incident, IncidentRunbook, Participant, PartyInterval
from incidents.queries.bars import bar
from incidents.queries.visible import entries_visible_to, incidents_visible_to
from monitoring.models import Alert
from notifications.models import Message
from runbooks.models import Runbook, StepTick
from runbooks.queries.match import match

RECENT = timedelta(days=90)
_COUNTING = {ClockState.RUNNING: 0, ClockState.PAUSED: 1, ClockState.MET: 2}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a runbook being followed. `position` counts from 0."""

    position: int
    text: str
    detail: str
    tick: StepTick | None
    is_next: bool


@dataclass(frozen=True, slots=True)
class Following:
    """A runbook being followed for an incident."""

    link: IncidentRunbook
    steps: list[Step]

    @property
    def done(self) -> int:
        return sum(step.tick is not None for step in self.steps)


def mark(user: Any, incident: Incident) -> str:
    """Changes whenever this reader's page of the incident would: for ETags. One query."""
    newest = entries_visible_to(user, incident).order_by().aggregate(newest=Max("pk"))["newest"]
    return f"{incident.pk}-{incident.version}-{newest or 0}"


def bars(incident: Incident, now: datetime, zone: str) -> list[SlaBar]:
    """All promises, what counts first. One query."""
    clocks = [clock for clock in incident.clocks.defer("hours") if clock.state in _COUNTING]
    clocks.sort(key=lambda clock: (_COUNTING[ClockState(clock.state)], clock.due_at, clock.pk))
    return [bar(clock, now, zone, long=True) for clock in clocks]


def people(incident: Incident) -> list[Participant]:
    """Who takes part or watches. One query."""
    return list(incident.participants.select_related("user__site"))


def time_by_party(incident: Incident, now: datetime) -> list[tuple[str, timedelta, bool]]:
    """How long each party held the work, in the order in which they first did; True for who holds it now."""
    held: dict[str, timedelta] = {}
    holder = ""
    for interval in PartyInterval.objects.filter(incident=incident):
        length = (interval.ends_at or now) - interval.starts_at
        held[interval.party] = held.get(interval.party, timedelta()) + length
        holder = interval.party if interval.ends_at is None else holder
    return [(str(Party(party).label), length, party == holder) for party, length in held.items()]


def following(incident: Incident) -> list[Following]:
    """Runbooks being followed, with their steps. Two queries."""
    ticks = Prefetch("run__ticks", StepTick.objects.select_related("user__site"))
    links = incident.runbook_links.select_related("run__runbook").prefetch_related(ticks)
    return [Following(link, _steps(link)) for link in links]


def _steps(link: IncidentRunbook) -> list[Step]:
    ticked = {tick.position: tick for tick in link.run.ticks.all()}
    open_ones = [position for position in range(len(link.run.steps)) if position not in ticked]
    return [
        Step(
            position=position,
            text=str(step.get("text", "")),
            detail=str(step.get("detail", "")),
            tick=ticked.get(position),
            is_next=bool(open_ones) and position == open_ones[0],
        )
        for position, step in enumerate(link.run.steps)
    ]


def suggested(incident: Incident, linked: list[Alert], followed: list[Following]) -> list[Runbook]:
    """Runbooks that fit the service and the alerts and are not followed yet, best first."""
    labels: dict[str, str] = {}
    for alert in reversed(linked):
        labels |= {str(name): str(value) for name, value in alert.labels.items()}
    taken = {each.link.run.runbook_id for each in followed}
    return [book for book in match(incident.service, labels) if book.pk not in taken]


def similar(user: Any, incident: Incident, now: datetime, limit: int = 3) -> list[Incident]:
    """Recent incidents of the same service that share words of the title, the most alike first. One query."""
    words = [word for word in normalise(incident.title).split() if len(word) > 2][:12]
    if not words:
        return []
    wanted = SearchQuery(" | ".join(words), search_type="raw", config="simple")
    return list(
        incidents_visible_to(user)
        .filter(service=incident.service_id, opened_at__gte=now - RECENT, search=wanted)
        .exclude(pk=incident.pk)
        .order_by(SearchRank(F("search"), wanted).desc(), "-opened_at", "-pk")
        .only("title", "state", "opened_at", "resolution")[:limit]
    )


def messages(incident: Incident) -> list[Message]:
    """The newest messages about it, whoever got them. One query."""
    found = Message.objects.filter(about_kind="incident", about_ref=incident.ref)
    return list(found.select_related("recipient__site").order_by("-created_at", "-pk")[:20])
