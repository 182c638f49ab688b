"""Fire drills: the real chain is called about nothing, and how fast somebody answers is kept."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.domain.audit import record
from accounts.models import User
from core.errors import IllegalState, Invalid, NotAllowed
from core.nudge import nudge
from core.types import Actor, person
from rotas.choices import DrillState
from rotas.domain import escalation
from rotas.models import Call, DrillLine, EscalationRun, FireDrill
from rotas.queries.policy import choose
from rotas.rules import can_plan
from services.choices import Severity
from services.models import Service

KIND = "drill"
ACKNOWLEDGE_BY_LINK = "drill.acknowledge"


@transaction.atomic
def begin_drill(service: Service, severity: str, *, actor: Actor, now: datetime) -> FireDrill:
    """Call whoever a real incident of this service and severity would call, with messages marked as a drill.

    Raises Invalid for a severity that there is not, and where no policy calls; IllegalState while another drill of the
    service runs.
    """
    if severity not in Severity.values:
        raise Invalid("Choose a severity.", fields={"severity": f"One of {', '.join(Severity.values)}."})
    policy = choose(service, severity, now)
    if policy is None:
        raise Invalid(
            "No escalation policy calls for it: assign one first.",
            fields={"service": "Nobody would be called."},
        )
    try:
        with transaction.atomic():
            drill = FireDrill.objects.create(
                service=service,
                severity=severity,
                policy=policy,
                policy_name=policy.name,
                started_at=now,
                started_by=actor.user if isinstance(actor.user, User) else None,
            )
    except IntegrityError:
        raise IllegalState(f"A drill of {service.name} runs already.", code="drill_runs") from None
    _say(drill, f"{actor.name} began a drill: {policy.name} calls.", now)
    _record("drill.begun", drill, actor, now)
    escalation.start(KIND, drill.pk, policy, now=now)
    nudge(escalation.DOORBELL)
    return drill


@transaction.atomic
def acknowledge_drill(drill: FireDrill, user: User, *, now: datetime, via: str = "") -> FireDrill:
    """Somebody who was called answers: the drill is over. Raises NotAllowed for who was not called, IllegalState once it is
    over."""
    found = _locked(drill)
    if found.state != DrillState.RUNNING:
        raise IllegalState(f"The drill is over: {found.get_state_display().lower()}.", code="drill_over")
    if not was_called(found, user):
        raise NotAllowed("Only who was called can answer.", code="not_called")
    found.acknowledged_at, found.acknowledged_by = now, user
    _say(found, f"{user} answered{f' by {via}' if via else ''}.", now, user)
    return _end(found, DrillState.ACKNOWLEDGED, person(user, via=via), now)


@transaction.atomic
def cancel_drill(drill: FireDrill, *, actor: Actor, now: datetime) -> FireDrill:
    """Call it off. Raises NotAllowed for who may not, IllegalState once it is over."""
    found = _locked(drill)
    if not (isinstance(actor.user, User) and can_plan(actor.user)):
        raise NotAllowed("Leads call drills off.", code="not_allowed")
    if found.state != DrillState.RUNNING:
        raise IllegalState(f"The drill is over: {found.get_state_display().lower()}.", code="drill_over")
    _say(found, f"{actor.name} called it off.", now)
    return _end(found, DrillState.CANCELLED, actor, now)


def unanswered(drill: FireDrill, *, now: datetime) -> None:
    """Everybody was called and nobody answered. The caller holds the drill; its run has ended by itself."""
    drill.state, drill.ended_at = DrillState.UNANSWERED, now
    drill.save(update_fields=["state", "ended_at"])


def was_called(drill: FireDrill, user: User) -> bool:
    """Whether the drill has called this person."""
    runs = EscalationRun.objects.filter(subject_kind=KIND, subject_id=drill.pk)
    return Call.objects.filter(run__in=runs, user=user).exists()


def _locked(drill: FireDrill) -> FireDrill:
    rows = FireDrill.objects.select_for_update(no_key=True, of=("self",)).select_related("service")
    return rows.get(pk=drill.pk)


def _end(drill: FireDrill, state: DrillState, actor: Actor, now: datetime) -> FireDrill:
    drill.state, drill.ended_at = state, now
    drill.save(update_fields=["state", "ended_at", "acknowledged_at", "acknowledged_by"])
    escalation.stop(KIND, drill.pk, reason=state, now=now)
    _record(f"drill.{state}", drill, actor, now)
    return drill


def _say(drill: FireDrill, text: str, now: datetime, user: User | None = None) -> None:
    DrillLine.objects.create(drill=drill, at=now, text=text[:500], user=user)


def _record(action: str, drill: FireDrill, actor: Actor, now: datetime) -> None:
    record(
        action,
        actor=actor,
        now=now,
        subject_kind="drill",
        subject_id=drill.pk,
        subject_name=drill.ref,
        detail={"service": drill.service.slug, "severity": drill.severity, "policy": drill.policy_name},
    )
