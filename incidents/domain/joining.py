"""What a transition of an alert does to incidents: open one, join one, end one. The caller holds the service.

Alerts of one service within a window join its open incident; in a storm they join one whatever the window.
When the last of an incident's alerts is over, the incident is too, where the service says so.

An incident is locked as it is chosen: what a person ends meanwhile is passed over, so that no alert joins what
nobody looks at any more.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from operator import itemgetter
from typing import NamedTuple

from django.conf import settings
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from core.types import Actor, machine
from incidents.choices import OPEN_STATES, EntryKind, Resolution, Source, State
from incidents.domain import lifecycle, storms
from incidents.domain.edit import raise_severity
from incidents.domain.healing import heal
from incidents.domain.locks import choosing, lock
from incidents.domain.opening import open_incident
from incidents.domain.severity import from_matrix, of_signal
from incidents.domain.timeline import entry_for, record
from incidents.domain.writing import save
from incidents.models import Entry, Incident, IncidentAlert
from monitoring.choices import ChangeKind
from monitoring.models import Alert, AlertChange
from monitoring.queries.rules_of import of_rule
from monitoring.types import RULE_LABEL, VANISHED
from services.models import Service

BEGAN = frozenset({ChangeKind.FIRED, ChangeKind.REFIRED, ChangeKind.WORSE})
NOT_FIXED = "has no data: that is not “fixed”"
# Transitions of one storm that are handled in one transaction.
MOST = 500
# Lines of the timeline that are written in one transaction.
LINES = 100
JOINED = "fired and joined"
# A rule's incidents that are told of its blindness: more than this many open ones are no help to anybody.
_TIED = 20


def fired(change: AlertChange, service: Service, now: datetime) -> None:
    """The alert began, began again, or got worse while it fires."""
    alert = change.alert
    if alert.severity == "info":
        return  # informs; it opens nothing and joins nothing
    actor = machine(alert.integration.name)
    impact, urgency = of_signal(service, alert.severity)
    incident = (
        _own(alert).first()
        or (storms.incident_of(service.pk) if change.coalesced else None)
        or recent(service.pk, now)
        or _healed(alert, now)
    )
    if incident is None:
        incident = open_incident(
            service=service,
            title=alert.title,
            summary=alert.body,
            source=Source.ALERT,
            actor=actor,
            now=now,
            impact=impact,
            urgency=urgency,
            started_at=alert.starts_at,
            detected_at=change.at,
        )
        link(incident, alert, now)
        line(incident, change, _words(change, joined=False), actor=actor, now=now)
        if change.coalesced:
            storms.feel(incident, change, actor=actor, now=now)
        return
    if change.coalesced and incident.is_open:
        storms.feel(incident, change, actor=actor, now=now)
        _flood(incident, service, [Coming.of(change)], now)
        return
    joined = link(incident, alert, now)
    if incident.state in {State.RESOLVED, State.CLOSED}:
        incident = lifecycle.reopen(incident, actor=actor, now=now, note="The alert fired again.")
    line(incident, change, _words(change, joined=joined, again=True), actor=actor, now=now)
    if change.coalesced:
        storms.feel(incident, change, actor=actor, now=now)
    if incident.source == Source.ALERT:
        raise_severity(
            incident,
            from_matrix(impact, urgency),
            actor=actor,
            now=now,
            why=f"{alert.title} is {alert.severity}",
        )


class Coming(NamedTuple):
    """One of many transitions: of which alert, and what is told of it."""

    pk: int
    kind: str
    at: datetime
    event_at: datetime
    alert: int
    severity: str
    title: str
    times: int
    door: str

    @classmethod
    def of(cls, change: AlertChange) -> "Coming":
        alert = change.alert
        told = alert.pk, alert.severity, alert.title, alert.count, alert.integration.name
        return cls(change.pk, change.kind, change.at, change.event_at, *told)


# The columns of it, for a query of transitions.
_COMING = (
    "pk", "kind", "at", "event_at", "alert", "alert__severity", "alert__title", "alert__count",
    "alert__integration__name",
)  # fmt: skip


def of_storm(waiting: QuerySet[AlertChange], service_id: int, incident: Incident) -> list[Coming]:
    """Those that are only one of many: counted together, of an alert of this service that belongs to no other open
    incident, and not gone blind. One query, without a row's worth of everything for each."""
    elsewhere = IncidentAlert.objects.filter(
        alert=OuterRef("alert"), incident__state__in=OPEN_STATES
    ).exclude(incident=incident)
    found = waiting.filter(~Exists(elsewhere), coalesced=True, alert__service=service_id)
    return [Coming(*row) for row in found.exclude(kind=ChangeKind.NO_DATA).values_list(*_COMING)[:MOST]]


def that_only_join(waiting: QuerySet[AlertChange], service_id: int) -> list[Coming]:
    """Those among the first that only join: an alert of this service fired for which no incident is open, and it is told by
    a line of its own. What isn't of that kind ends the search, but for what is counted together. One query."""
    open_ones = IncidentAlert.objects.filter(alert=OuterRef("alert"), incident__state__in=OPEN_STATES)
    joins = Q(kind=ChangeKind.FIRED, alert__service=service_id) & ~Q(alert__severity="info")
    fits = ExpressionWrapper(joins & ~Exists(open_ones), BooleanField())
    rows = waiting.annotate(fits=fits).values_list("fits", "coalesced", *_COMING)[:LINES]
    return [Coming(*row) for _, coalesced, *row in takewhile(itemgetter(0), rows) if not coalesced]


def join(changes: Sequence[Coming], incident: Incident, now: datetime) -> None:
    """Alerts that only join `incident`, a recent one, locked: each says its line. As `fired` would have done one by one, but
    that the severity rises once, to the worst."""
    _link(incident, changes, now)
    Entry.objects.bulk_create(
        entry_for(
            incident,
            EntryKind.ALERT,
            f"{change.title}: {JOINED}",
            actor=machine(change.door),
            now=now,
            happened_at=min(change.event_at, now),
            data={"alert": change.alert, "change": change.kind, "count": change.times},
        )
        for change in changes
    )
    save(incident, [])
    _raise_to_worst(incident, incident.service, changes, now)


def in_storm(changes: Sequence[Coming], incident: Incident, now: datetime) -> None:
    """Handle transitions `of_storm`: their alerts join the storm's incident, or end within it.

    `incident` is the open one that the storm of its service joins, locked. What happens is what `fired` and `eased` would
    have done one by one, but that the severity rises once, to the worst.
    """
    joins = [change for change in changes if change.kind in BEGAN and change.severity != "info"]
    if joins:
        _flood(incident, incident.service, joins, now)


def _words(change: AlertChange, *, joined: bool, again: bool = False) -> str:
    if change.kind == ChangeKind.WORSE:
        return f"got worse ({change.detail})" + (" and joined" if joined else "")
    if not again:
        return "fired"
    return "fired again" if change.kind == ChangeKind.REFIRED or not joined else JOINED


def _flood(incident: Incident, service: Service, changes: Sequence[Coming], now: datetime) -> None:
    """Some of many: they belong to the incident, may make it worse, and say nothing by themselves.

    `service` is that of their alerts, whose tier says how bad they are.
    """
    _link(incident, changes, now)
    _raise_to_worst(incident, service, changes, now)


def _link(incident: Incident, changes: Sequence[Coming], now: datetime) -> None:
    alerts = {change.alert for change in changes}
    joins = [IncidentAlert(incident=incident, alert_id=alert, linked_at=now) for alert in sorted(alerts)]
    IncidentAlert.objects.bulk_create(joins, ignore_conflicts=True)


def _raise_to_worst(incident: Incident, service: Service, changes: Sequence[Coming], now: datetime) -> None:
    if incident.source != Source.ALERT:
        return
    told = {change.severity: change for change in reversed(changes)}
    severity, worst = min(
        ((from_matrix(*of_signal(service, said)), change) for said, change in told.items()),
        key=itemgetter(0),
    )
    if severity < incident.severity:
        why, actor = f"{worst.title} is {worst.severity}", machine(worst.door)
        raise_severity(incident, severity, actor=actor, now=now, why=why)


def eased(change: AlertChange, service: Service, now: datetime) -> None:
    """Resolved, or its data vanished. Only a real end can end an incident."""
    alert = change.alert
    actor = machine(alert.integration.name)
    blind = change.kind == ChangeKind.NO_DATA
    vanished = blind or change.detail in VANISHED
    for incident in tied(alert, service) if blind else _own(alert):
        if blind:
            link(incident, alert, now)
        if change.coalesced:
            storms.feel(incident, change, actor=actor, now=now)
        else:
            line(incident, change, NOT_FIXED if vanished else "resolved", actor=actor, now=now)
        if not vanished and not storms.is_felt(incident):
            heal(incident, actor=actor, now=now)


def tied(alert: Alert, service: Service) -> list[Incident]:
    """Open incidents that the alert belongs to, then those of this service that others of its rule belong to; locked."""
    own = list(_own(alert)[:_TIED])
    if not alert.labels.get(RULE_LABEL):
        return own
    of_its_rule = IncidentAlert.objects.filter(incident=OuterRef("pk"), alert__in=of_rule(alert).values("pk"))
    rule = _open().filter(Exists(of_its_rule), service=service)
    others = rule.exclude(pk__in=[incident.pk for incident in own]).order_by("-pk")
    return own + list(others[: _TIED - len(own)])


def recent(service_id: int, now: datetime) -> Incident | None:
    """The newest open incident of the service whose last alert came within the join window; locked."""
    since = now - timedelta(minutes=settings.MAINSTAY_JOIN_WINDOW_MINUTES)
    lately = IncidentAlert.objects.filter(incident=OuterRef("pk"), linked_at__gte=since)
    return _open().filter(Exists(lately), service=service_id, source=Source.ALERT).order_by("-pk").first()


def link(incident: Incident, alert: Alert, now: datetime) -> bool:
    """The alert belongs to the incident; whether that is new."""
    _, made = IncidentAlert.objects.get_or_create(incident=incident, alert=alert, defaults={"linked_at": now})
    return made


def line(incident: Incident, change: AlertChange, what: str, *, actor: Actor, now: datetime) -> None:
    """One line of the timeline about one alert."""
    alert = change.alert
    incident = lock(incident.pk)
    record(
        incident,
        EntryKind.ALERT,
        f"{alert.title}: {what}",
        actor=actor,
        now=now,
        happened_at=min(change.event_at, now),
        data={"alert": alert.pk, "change": change.kind, "count": alert.count},
    )
    save(incident, [])


def _open() -> QuerySet[Incident]:
    return choosing().filter(state__in=OPEN_STATES)


def _own(alert: Alert) -> QuerySet[Incident]:
    """The open incidents this alert belongs to already, newest first; locked."""
    return _open().filter(alert_links__alert=alert).order_by("-pk")


def _healed(alert: Alert, now: datetime) -> Incident | None:
    """An incident that this alert's resolve ended within the window: the same trouble is back; locked."""
    since = now - timedelta(minutes=settings.MAINSTAY_JOIN_WINDOW_MINUTES)
    return (
        choosing()
        .filter(
            alert_links__alert=alert,
            state=State.RESOLVED,
            resolution=Resolution.SELF_HEALED,
            resolved_at__gte=since,
        )
        .order_by("-pk")
        .first()
    )
