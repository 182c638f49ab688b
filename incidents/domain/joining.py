"""What a transition of an alert does to incidents: open one, join one, end one. The caller holds the service.

Alerts of one service within a window join its open incident; in a storm they join one whatever the window.
When the last of an incident's alerts is over, the incident is too, where the service says so.

An incident is locked as it is chosen: what a person ends meanwhile is passed over, so that no alert joins what
nobody looks at any more.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from core.types import machine
from incidents.choices import OPEN_STATES, Resolution, Source, State
from incidents.domain import crowds, lifecycle, storms
from incidents.domain.crowds import Coming
from incidents.domain.healing import heal
from incidents.domain.locks import choosing, lock
from incidents.domain.opening import open_incident
from incidents.domain.severity import of_signal
from incidents.domain.writing import save
from incidents.models import Incident, IncidentAlert
from monitoring.choices import ChangeKind
from monitoring.models import Alert, AlertChange
from monitoring.queries.rules_of import of_rule
from monitoring.types import RULE_LABEL, VANISHED
from services.models import Service

NOT_FIXED = "has no data: that is not “fixed”"
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
        line(incident, change, _words(change, joined=False), now=now)
        if change.coalesced:
            storms.feel(incident, change, actor=actor, now=now)
        return
    if change.coalesced and incident.is_open:
        storms.feel(incident, change, actor=actor, now=now)
        crowds.flood(incident, service, [Coming.of(change)], now)
        return
    joined = link(incident, alert, now)
    if incident.state in {State.RESOLVED, State.CLOSED}:
        incident = lifecycle.reopen(incident, actor=actor, now=now, note="The alert fired again.")
    line(incident, change, _words(change, joined=joined, again=True), now=now)
    if change.coalesced:
        storms.feel(incident, change, actor=actor, now=now)
    crowds.raise_to_worst(incident, service, [Coming.of(change)], now)


def _words(change: AlertChange, *, joined: bool, again: bool = False) -> str:
    if change.kind == ChangeKind.WORSE:
        return f"got worse ({change.detail})" + (" and joined" if joined else "")
    if not again:
        return "fired"
    return "fired again" if change.kind == ChangeKind.REFIRED or not joined else crowds.JOINED


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
            line(incident, change, NOT_FIXED if vanished else "resolved", now=now)
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


def line(incident: Incident, change: AlertChange, what: str, *, now: datetime) -> None:
    """One line of the timeline about one alert."""
    incident = lock(incident.pk)
    crowds.entry(incident, Coming.of(change), what, now).save(force_insert=True)
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
