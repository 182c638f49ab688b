"""Many transitions at once: alerts that join an incident by the hundred, as `joining` would have them join one by one.

A storm's say nothing by themselves; the others say their line.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile
from operator import itemgetter
from typing import NamedTuple

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from core.types import machine
from incidents.choices import OPEN_STATES, EntryKind, Source
from incidents.domain.edit import raise_severity
from incidents.domain.severity import from_matrix, of_signal
from incidents.domain.timeline import entry_for
from incidents.domain.writing import save
from incidents.models import Entry, Incident, IncidentAlert
from monitoring.choices import ChangeKind
from monitoring.models import AlertChange
from services.models import Service

BEGAN = frozenset({ChangeKind.FIRED, ChangeKind.REFIRED, ChangeKind.WORSE})
# Transitions of one storm that are handled in one transaction.
MOST = 500
# Lines of the timeline that are written in one transaction.
LINES = 100
JOINED = "fired and joined"


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
    Entry.objects.bulk_create(entry(incident, change, JOINED, now) for change in changes)
    save(incident, [])
    raise_to_worst(incident, incident.service, changes, now)


def in_storm(changes: Sequence[Coming], incident: Incident, now: datetime) -> None:
    """Handle transitions `of_storm`: their alerts join the storm's incident, or end within it.

    `incident` is the open one that the storm of its service joins, locked. What happens is what `fired` and `eased` would
    have done one by one, but that the severity rises once, to the worst.
    """
    joins = [change for change in changes if change.kind in BEGAN and change.severity != "info"]
    if joins:
        flood(incident, incident.service, joins, now)


def entry(incident: Incident, change: Coming, what: str, now: datetime) -> Entry:
    """The line of the timeline about one alert; not stored."""
    return entry_for(
        incident,
        EntryKind.ALERT,
        f"{change.title}: {what}",
        actor=machine(change.door),
        now=now,
        happened_at=min(change.event_at, now),
        data={"alert": change.alert, "change": change.kind, "count": change.times},
    )


def flood(incident: Incident, service: Service, changes: Sequence[Coming], now: datetime) -> None:
    """Some of many: they belong to the incident, may make it worse, and say nothing by themselves.

    `service` is that of their alerts, whose tier says how bad they are.
    """
    _link(incident, changes, now)
    raise_to_worst(incident, service, changes, now)


def _link(incident: Incident, changes: Sequence[Coming], now: datetime) -> None:
    alerts = {change.alert for change in changes}
    joins = [IncidentAlert(incident=incident, alert_id=alert, linked_at=now) for alert in sorted(alerts)]
    IncidentAlert.objects.bulk_create(joins, ignore_conflicts=True)


def raise_to_worst(incident: Incident, service: Service, changes: Sequence[Coming], now: datetime) -> None:
    """The incident is as severe as the worst of these alerts makes it, never less; one that people opened stays as it is."""
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
