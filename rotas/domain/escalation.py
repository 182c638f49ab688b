"""The escalation engine: one policy walked for one subject until somebody acknowledges.

Verbs are called by the subject's owner, who holds the subject's lock. `tick` finds due runs without a lock,
then locks the subject (skipping busy ones), then the run, and looks again: the order of all engines.
"""

import logging
from datetime import datetime, timedelta
from math import ceil

from django.db import transaction

from accounts.domain.audit import record
from core import meter
from core.errors import IllegalState
from core.nudge import nudge
from core.types import Actor
from notifications.domain import outbox
from rotas import subjects
from rotas.choices import RunState
from rotas.domain import terms as stamped
from rotas.domain.calls import call_step, say_exhausted, say_no_policy
from rotas.domain.steps import Position, decide, is_at_end
from rotas.domain.words import page_kind
from rotas.models import EscalationPolicy, EscalationRun

__all__ = ["decide", "escalate_now", "pause", "restart", "resume", "start", "stop", "tick"]

log = logging.getLogger(__name__)
DOORBELL = "rotas.tasks.escalate"
BATCH = 50
# A run that fails stands back this long, so that it never holds up the others.
STAND_BACK = timedelta(seconds=30)
_LIVE = (RunState.RUNNING, RunState.PAUSED)


@transaction.atomic
def start(
    subject_kind: str, subject_id: int, policy: EscalationPolicy | None, *, now: datetime
) -> EscalationRun | None:
    """Begin to walk a policy; its first step is due at once. A run that lives already is kept as it is.

    Without a policy, or with one that is switched off, there is no run and the subject is told so: None.
    """
    live = _live(subject_kind, subject_id)
    if live is not None:
        return live
    if policy is None or not policy.is_active:
        say_no_policy(subjects.subject_of(subject_kind), subject_id, policy, now)
        return None
    run = EscalationRun.objects.create(
        subject_kind=subject_kind,
        subject_id=subject_id,
        policy=policy,
        policy_name=policy.name,
        terms=stamped.stamp(policy),
        state=RunState.RUNNING,
        next_at=now,
        started_at=now,
    )
    nudge(DOORBELL)
    return run


@transaction.atomic
def stop(subject_kind: str, subject_id: int, *, reason: str, now: datetime) -> EscalationRun | None:
    """End calling: no further step, and messages that wait are cancelled. None where nothing ran."""
    run = _live(subject_kind, subject_id)
    _cancel_messages(subject_kind, subject_id, reason, now)
    if run is not None:
        _end(run, RunState.STOPPED, reason, now)
    return run


@transaction.atomic
def pause(
    subject_kind: str, subject_id: int, *, reason: str = "on hold", now: datetime
) -> EscalationRun | None:
    """Stand still; what is left of the wait is kept and messages that wait are cancelled."""
    run = _live(subject_kind, subject_id)
    if run is None or run.state != RunState.RUNNING or run.next_at is None:
        return run
    _cancel_messages(subject_kind, subject_id, reason, now)
    run.state, run.wait_left = RunState.PAUSED, max(0, ceil((run.next_at - now).total_seconds()))
    run.next_at = None
    run.save(update_fields=["state", "wait_left", "next_at"])
    return run


@transaction.atomic
def resume(subject_kind: str, subject_id: int, *, now: datetime) -> EscalationRun | None:
    """Go on after a pause with the wait that was left."""
    run = _live(subject_kind, subject_id)
    if run is None or run.state != RunState.PAUSED:
        return run
    _run_on(run, now + timedelta(seconds=run.wait_left or 0))
    return run


@transaction.atomic
def restart(
    subject_kind: str, subject_id: int, policy: EscalationPolicy | None = None, *, now: datetime
) -> EscalationRun | None:
    """Call again after a reopen: the last run goes on at its step, at once.

    One that was walked to its end, or none, starts over: with `policy`, else with the last run's as it is
    today, else with the last run's own terms.
    """
    live = _live(subject_kind, subject_id)
    if live is not None:
        return live
    last = _last(subject_kind, subject_id)
    if last is None:
        return start(subject_kind, subject_id, policy, now=now)
    if last.state == RunState.STOPPED and not is_at_end(stamped.read(last.terms), last.step):
        _run_on(last, now)
        return last
    policy = policy or last.policy
    if policy is not None and policy.is_active:
        return start(subject_kind, subject_id, policy, now=now)
    run = EscalationRun.objects.create(
        subject_kind=subject_kind,
        subject_id=subject_id,
        policy=last.policy,
        policy_name=last.policy_name,
        terms=last.terms,
        next_at=now,
        started_at=now,
    )
    nudge(DOORBELL)
    return run


@transaction.atomic
def escalate_now(subject_kind: str, subject_id: int, *, actor: Actor, now: datetime) -> EscalationRun:
    """Call the next step at once, whatever is left of the wait; a run that ended goes on or starts over.

    Raises IllegalState where no policy was ever walked for the subject.
    """
    run = _live(subject_kind, subject_id)
    if run is not None:
        _run_on(run, now)
    elif _last(subject_kind, subject_id) is not None:
        run = restart(subject_kind, subject_id, now=now)
    if run is None:
        raise IllegalState(
            "No escalation policy covers this: assign the person to call yourself.", code="no_policy"
        )
    record(
        "escalation.call_next",
        actor=actor,
        now=now,
        subject_kind=subject_kind,
        subject_id=subject_id,
        subject_name=run.policy_name,
        detail={"step": run.step + 1, "round": run.round + 1},
    )
    return run


def tick(now: datetime, limit: int = BATCH) -> int:
    """Walk every run that is due by one step; returns how many. What is busy is left for the next tick.

    A run that fails stands back half a minute, the others go on, and the first error is raised at the end.
    """
    due = EscalationRun.objects.filter(state=RunState.RUNNING, next_at__lte=now).order_by("next_at", "pk")
    walked, failure = 0, None
    for pk, kind, subject_id in list(due.values_list("pk", "subject_kind", "subject_id")[:limit]):
        try:
            walked += _walk(pk, kind, subject_id, now)
        except Exception as error:
            log.exception("run %s of %s %s failed and stands back", pk, kind, subject_id)
            failure = failure or error
            EscalationRun.objects.filter(pk=pk, state=RunState.RUNNING).update(next_at=now + STAND_BACK)
    if failure is not None:
        raise failure
    return walked


@transaction.atomic
def _walk(pk: int, subject_kind: str, subject_id: int, now: datetime) -> int:
    subject = subjects.subject_of(subject_kind)
    if not subject.lock(subject_id):
        return 0
    still_due = EscalationRun.objects.filter(pk=pk, state=RunState.RUNNING, next_at__lte=now)
    run = still_due.select_for_update(skip_locked=True, of=("self",)).first()
    if run is None or run.next_at is None:
        return 0
    brief = subject.brief(subject_id)
    if not brief.still_open:
        _cancel_messages(subject_kind, subject_id, "no longer open", now)
        _end(run, RunState.STOPPED, "no longer open", now)
        return 1
    meter.late("escalation", run.next_at, now)
    terms = stamped.read(run.terms)
    decision = decide(terms, Position(run.step, run.round, run.next_at), now)
    if decision.act == "exhausted":
        say_exhausted(subject, run, terms, now)
        _end(run, RunState.EXHAUSTED, "everyone was called", now)
    elif decision.after is not None:
        call_step(subject, run, terms, brief, after=decision.after, now=now)
        _stand_at(run, decision.after)
    return 1


def _stand_at(run: EscalationRun, at: Position) -> None:
    run.step, run.round, run.next_at = at.step, at.round, at.due
    run.save(update_fields=["step", "round", "next_at"])


def _live(subject_kind: str, subject_id: int) -> EscalationRun | None:
    runs = EscalationRun.objects.select_for_update(of=("self",))
    return runs.filter(subject_kind=subject_kind, subject_id=subject_id, state__in=_LIVE).first()


def _last(subject_kind: str, subject_id: int) -> EscalationRun | None:
    runs = EscalationRun.objects.select_for_update(of=("self",))
    return runs.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("-pk").first()


def _run_on(run: EscalationRun, due: datetime) -> None:
    run.state, run.next_at, run.wait_left = RunState.RUNNING, due, None
    run.ended_at, run.end_reason = None, ""
    run.save(update_fields=["state", "next_at", "wait_left", "ended_at", "end_reason"])
    nudge(DOORBELL)


def _end(run: EscalationRun, state: RunState, reason: str, now: datetime) -> None:
    run.state, run.next_at, run.wait_left = state, None, None
    run.ended_at, run.end_reason = now, reason[:80]
    run.save(update_fields=["state", "next_at", "wait_left", "ended_at", "end_reason"])


def _cancel_messages(subject_kind: str, subject_id: int, reason: str, now: datetime) -> None:
    ref = subjects.subject_of(subject_kind).brief(subject_id).ref
    outbox.cancel_about(subject_kind, ref, kinds=(page_kind(subject_kind),), now=now, reason=reason)
