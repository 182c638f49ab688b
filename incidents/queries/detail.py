"""What stands beside the timeline of one incident."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import (
    BigIntegerField,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
)
from django.db.models.functions import JSONObject

from core.compiled import Reader, compiled
from core.refs import parse_ref
from core.search import normalise
from core.ui.slabar import SlaBar
from incidents.choices import ClockState
from incidents.domain.waits import AFTERWARDS
from incidents.models import (
    Clock,
    Entry,
    HandOff,
    Incident,
    IncidentAlert,
    IncidentRunbook,
    Participant,
    PartyInterval,
)
from incidents.queries import timeline
from incidents.queries.bars import bar, to_client
from incidents.queries.visible import incidents_visible_to, lines_of, reads_every_line
from monitoring.models import Alert
from monitoring.queries.alerts import alerts_visible_to
from monitoring.queries.storms import ended_up_in
from notifications.models import Message
from rotas.queries.calls import calls_now
from runbooks.models import Runbook, StepTick
from runbooks.queries.match import match
from services.models import ImpactWindow
from services.queries.impact import of_incident

RECENT = timedelta(days=90)
COMPARED = 200
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
    (newest,) = _newest_line(incident.pk, everything=reads_every_line(user, incident))
    return f"{incident.pk}-{incident.version}-{newest or 0}"


@compiled
def _newest_line(incident: int, *, everything: bool) -> QuerySet[Entry, int | None]:
    # Plus nothing: the greatest key as it is would be looked for among the lines of all incidents, from the newest on.
    greatest: Any = Func(F("pk") + 0, function="MAX", output_field=BigIntegerField())
    return lines_of(incident, everything=everything).order_by().values_list(greatest, flat=True)


def newest_lines(incident_id: int, count: int, *, everything: bool, show: str) -> list[Entry]:
    """The newest so many of an incident's lines that are `timeline.shown`; without `everything` those that clients may read.
    One query.
    """
    return _newest_lines(incident_id, everything=everything, show=show, count=count)


@compiled
def _newest_lines(incident: int, *, everything: bool, show: str, count: int) -> QuerySet[Entry]:
    return timeline.shown(lines_of(incident, everything=everything), show).order_by(*timeline.NEWEST_FIRST)[
        :count
    ]


def clocks(incident: Incident) -> list[Clock]:
    """All its promises, counted once or again and again. One query."""
    return _clocks(incident.pk)


@compiled
def _clocks(incident: int) -> QuerySet[Clock]:
    return Clock.objects.filter(incident=incident).order_by("cycle").defer("hours", "legs")


def bars(known: list[Clock], now: datetime, zone: str, *, inside: bool) -> list[SlaBar]:
    """All promises, what counts first; of those that come again and again the last. Outsiders see what is promised to
    the client. Of `clocks`; no query."""
    last = {(clock.basis, clock.provider, clock.kind): clock.cycle for clock in known}
    shown = [
        clock
        for clock in (known if inside else to_client(known))
        if clock.state in _COUNTING and clock.cycle == last[clock.basis, clock.provider, clock.kind]
    ]
    shown.sort(key=lambda clock: (_COUNTING[ClockState(clock.state)], clock.due_at, clock.pk))
    return [bar(clock, now, zone, long=True) for clock in shown]


def owes(known: list[Clock]) -> bool:
    """Whether something that is promised for after the end is still to be delivered. Of `clocks`; no query."""
    waits = {ClockState.RUNNING, ClockState.PAUSED}
    return any(clock.kind in AFTERWARDS and clock.state in waits for clock in known)


def alerts(user: Any, incident: Incident, limit: int) -> list[Alert]:
    """Its newest alerts that this reader may see, as its page lists them. One query; none where an incident `for_page`
    has none."""
    if not getattr(incident, "alerts_count", 1):
        return []
    return _newest_alerts(user, incident.pk, limit=limit)


@compiled
def _newest_alerts(reader: Reader, incident: int, *, limit: int) -> QuerySet[Alert]:
    shown = linked_alerts(reader, incident).only("title", "status", "labels", "last_seen_at", "coalesced")
    return shown.order_by("-last_seen_at", "-pk")[:limit]


def linked_alerts(user: Any, incident_id: int) -> QuerySet[Alert]:
    """The alerts of an incident that this reader may see."""
    return alerts_visible_to(user).select_related(None).filter(incident_links__incident=incident_id)


def impacts(incident: Incident) -> list[ImpactWindow]:
    """What its users felt. One query; none where an incident `for_page` has none."""
    return of_incident(incident.pk) if getattr(incident, "was_felt", True) else []


def people(incident: Incident) -> list[Participant]:
    """Who takes part or watches. One query."""
    return _people(incident.pk)


@compiled
def _people(incident: int) -> QuerySet[Participant]:
    return Participant.objects.filter(incident=incident).select_related("user__site")


def page_of(user: Any, ref: str) -> Incident | None:
    """The incident of this reference `for_page`, where the reader may see it. One query."""
    key = parse_ref("INC", ref)
    return next(iter(_page_of(user, key)), None) if key is not None else None


@compiled
def _page_of(reader: Reader, key: int) -> QuerySet[Incident]:
    return for_page(incidents_visible_to(reader).filter(pk=key)).defer("search")


def marked(user: Any, ref: str) -> Incident | None:
    """No more of it than tells whether its page changed. One query."""
    key = parse_ref("INC", ref)
    return next(iter(_marked(user, key)), None) if key is not None else None


@compiled
def _marked(reader: Reader, key: int) -> QuerySet[Incident]:
    return incidents_visible_to(reader).filter(pk=key).only("version", "state", "service_id")


def for_page(rows: QuerySet[Incident]) -> QuerySet[Incident]:
    """With what the page of one incident shows and its row can tell by the way: how many alerts belong to it, whether
    a runbook is followed, people are called, a storm ended up in it, users felt it, and who held it."""
    intervals = PartyInterval.objects.filter(incident=OuterRef("pk")).order_by("starts_at", "pk")
    held = intervals.values(
        row=JSONObject(party="party", team="team__name", since="starts_at", until="ends_at")
    )
    stands = HandOff.objects.filter(incident=OuterRef("pk"), ended_at__isnull=True).order_by("-at", "-pk")
    handed = stands.values(
        row=JSONObject(
            from_party="from_party", party="to_party", team="to_team__name", team_id="to_team_id", by="by_name", at="at",
            accepted_at="accepted_at", accepted_by="accepted_by__name", evidence="evidence", note="note",
        )
    )  # fmt: skip
    return rows.select_related("service__client", "owner__site", "reporter", "model_version__model").annotate(
        alerts_count=alerts_of_row(),
        is_followed=Exists(IncidentRunbook.objects.filter(incident=OuterRef("pk"))),
        calls_now=calls_now("incident"),
        had_storm=ended_up_in(),
        was_felt=Exists(ImpactWindow.objects.filter(incident_id=OuterRef("pk"))),
        held=ArraySubquery(held),
        handed=Subquery(handed[:1]),
    )


def alerts_of_row() -> Subquery:
    """How many alerts belong to the incident of a row, counted for the rows that are shown only."""
    links = IncidentAlert.objects.filter(incident=OuterRef("pk")).order_by()
    return Subquery(links.annotate(n=Func(template="COUNT(*)", output_field=IntegerField())).values("n"))


def following(incident: Incident) -> list[Following]:
    """Runbooks being followed, with their steps. Two queries; none where an incident `for_page` has none."""
    if not getattr(incident, "is_followed", True):
        return []
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
    """Recent incidents of the same service that share words of the title, the most alike first. One query.

    Only so many of the newest are compared: a service that is in trouble every hour would have thousands.
    """
    words = [word for word in normalise(incident.title).split() if len(word) > 2][:12]
    if not words:
        return []
    return _alike(user, " | ".join(words), incident.service_id, now - RECENT, incident.pk, limit=limit)


@compiled
def _alike(
    reader: Reader, words: str, service: int, since: datetime, besides: int, *, limit: int
) -> QuerySet[Incident]:
    wanted = SearchQuery(words, search_type="raw", config="simple")
    recent = Incident.objects.filter(service=service, opened_at__gte=since)
    newest = recent.order_by("-opened_at", "-pk").values("pk")[:COMPARED]
    return (
        incidents_visible_to(reader)
        .filter(pk__in=newest, search=wanted)
        .exclude(pk=besides)
        .order_by(SearchRank(F("search"), wanted).desc(), "-opened_at", "-pk")
        .only("title", "state", "opened_at", "resolution")[:limit]
    )


def messages(incident: Incident) -> list[Message]:
    """The newest messages about it, whoever got them. One query."""
    found = Message.objects.filter(about_kind="incident", about_ref=incident.ref)
    return list(found.select_related("recipient__site").order_by("-created_at", "-pk")[:20])
