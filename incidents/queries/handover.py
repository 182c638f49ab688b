"""What the next shift must know of incidents, and of alerts and runbooks beside them.

It stands here, above `monitoring` and `runbooks`, because only incidents know which alert and which run is theirs.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Case, Exists, IntegerField, OuterRef, Prefetch, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from core.ui.words import duration
from incidents.choices import OPEN_STATES, State
from incidents.models import Incident, IncidentAlert, IncidentRunbook
from monitoring.choices import AlertStatus, SignalSeverity
from monitoring.models import Alert
from rotas.handover_sections import MOST, Item, Scope
from runbooks.models import StepTick

# A promise that falls due within this is the next shift's business.
AHEAD: Final = timedelta(hours=8)
_WORST: Final = ("SEV1", "SEV2", "SEV3")


def open_incidents(scope: Scope, now: datetime) -> list[Item]:
    """Open incidents of severity 1 to 3, and all open ones of the team's services, that wait for nobody else. One query."""
    return [_item(incident, now) for incident in _open(scope).exclude(state=State.ON_HOLD)[: MOST + 1]]


def waiting_for_others(scope: Scope, now: datetime) -> list[Item]:
    """The same on hold: whose answer is waited for, since when, and why. One query."""
    return [_item(incident, now) for incident in _open(scope).filter(state=State.ON_HOLD)[: MOST + 1]]


def unclaimed_alerts(scope: Scope, now: datetime) -> list[Item]:
    """Alerts that fire and belong to no open incident: of the team's services, of none that is known, and critical ones of
    everybody; the most urgent first. One query."""
    urgent = Case(
        When(severity=SignalSeverity.CRITICAL, then=Value(0)),
        When(severity=SignalSeverity.WARNING, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    taken_up = IncidentAlert.objects.filter(alert=OuterRef("pk"), incident__state__in=OPEN_STATES)
    ours = Q(service__in=scope.services) | Q(service=None) | Q(severity=SignalSeverity.CRITICAL)
    alerts = Alert.objects.filter(ours, ~Exists(taken_up), status=AlertStatus.FIRING)
    rows = alerts.select_related("service").defer("body", "annotations").order_by(urgent, "starts_at", "pk")
    return [
        Item(
            source=f"alert:{alert.pk}",
            title=alert.title,
            url=f"/alerts/{alert.pk}/",
            detail=_("%(severity)s, %(service)s, fires for %(time)s")
            % {
                "severity": alert.get_severity_display(),
                "service": alert.service.slug if alert.service else _("of no known service"),
                "time": duration((now - alert.starts_at).total_seconds()),
            },
            next_action=_("Watch it; open an incident if it goes on"),
        )
        for alert in rows[: MOST + 1]
    ]


def runbooks_begun(scope: Scope, now: datetime) -> list[Item]:
    """Runbooks being followed for these incidents, with steps left. Two queries."""
    links = IncidentRunbook.objects.filter(incident__in=_open(scope).order_by().values("pk"))
    rows = links.select_related("run__runbook", "incident").prefetch_related(
        Prefetch("run__ticks", StepTick.objects.order_by("position"))
    )
    return [item for link in rows.order_by("-run__started_at", "-pk") for item in _left(link)]


def _left(link: IncidentRunbook) -> list[Item]:
    steps, done = link.run.steps, {tick.position for tick in link.run.ticks.all()}
    left = [position for position in range(len(steps)) if position not in done]
    if not left:
        return []
    book, incident = link.run.runbook, link.incident
    said = {"done": len(steps) - len(left), "steps": len(steps)}
    return [
        Item(
            source=f"run:{link.run_id}",
            title=f"{book.ref} {book.title}, {incident.ref}",
            url=f"/incidents/{incident.ref}/",
            detail=_("%(done)d of %(steps)d steps are done") % said,
            next_action=str(steps[left[0]].get("text", ""))[:200],
            owner_id=incident.owner_id,
        )
    ]


def _open(scope: Scope) -> QuerySet[Incident]:
    mine = Q(severity__in=_WORST) | Q(service__in=scope.services)
    rows = Incident.objects.filter(mine, state__in=OPEN_STATES)
    return rows.select_related("service").defer("search", "summary").order_by("severity", "opened_at", "pk")


def _item(incident: Incident, now: datetime) -> Item:
    due = incident.next_due_at
    facts = _("%(state)s, %(service)s, open for %(time)s") % {
        "state": incident.get_state_display(),
        "service": incident.service.slug,
        "time": duration((now - incident.opened_at).total_seconds()),
    }
    return Item(
        source=f"incident:{incident.ref}",
        title=f"{incident.severity} {incident.ref} {incident.title}",
        url=f"/incidents/{incident.ref}/",
        detail=". ".join(filter(None, [facts, incident.last_entry])),
        next_action=_next_step(incident)[:200],
        owner_id=incident.owner_id,
        due_at=due if due is not None and due <= now + AHEAD else None,
    )


def _next_step(incident: Incident) -> str:
    """What its state asks for; "" while it is being worked on: that only people can say."""
    if incident.state == State.NEW:
        return _("Acknowledge it")
    if incident.state == State.MITIGATED:
        return _("See whether it holds, then resolve it")
    if incident.state == State.ON_HOLD:
        asked = _("Ask %(party)s") % {"party": incident.get_hold_party_display()}
        return f"{asked}: {incident.hold_reason}" if incident.hold_reason else asked
    return ""
