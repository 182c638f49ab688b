"""The row of a run: which one lives, and the few ways in which its state changes. Verbs and tick share these."""

from datetime import datetime

from core.nudge import nudge
from notifications.domain import outbox
from rotas import subjects
from rotas.choices import RunState
from rotas.domain.by_hand import terms_in
from rotas.domain.steps import Position
from rotas.domain.telling import SHADOW
from rotas.domain.words import page_kind
from rotas.models import EscalationRun

DOORBELL = "rotas.tasks.escalate"
_LIVE = (RunState.RUNNING, RunState.PAUSED, RunState.WATCHING)
COURSE = ["state", "next_at", "rest", "wait_left", "paused_for", "ended_at", "end_reason"]


def live(subject_kind: str, subject_id: int) -> EscalationRun | None:
    """The run that calls, is paused, or watches what was acknowledged; locked."""
    runs = EscalationRun.objects.select_for_update(of=("self",))
    return runs.filter(subject_kind=subject_kind, subject_id=subject_id, state__in=_LIVE).first()


def last(subject_kind: str, subject_id: int) -> EscalationRun | None:
    """The latest run, whatever became of it, locked."""
    runs = EscalationRun.objects.select_for_update(of=("self",))
    return runs.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("-pk").first()


def run_on(run: EscalationRun, due: datetime) -> None:
    """Have it call again, its next step due at `due`; every reason to pause is gone."""
    run.state, run.next_at = RunState.RUNNING, due
    run.rest, run.wait_left, run.paused_for = None, None, []
    run.ended_at, run.end_reason = None, ""
    run.save(update_fields=COURSE)
    nudge(DOORBELL)


def revive(run: EscalationRun, now: datetime) -> None:
    """Have it call again, at once, as a new episode: what was said and whom it found before is over."""
    run.revived_at, run.said = now, []
    run.save(update_fields=["revived_at", "said"])
    run_on(run, now)


def end(run: EscalationRun, state: RunState, reason: str, now: datetime) -> None:
    """Nothing more comes of it."""
    run.state, run.next_at = state, None
    run.rest, run.wait_left, run.paused_for = None, None, []
    run.ended_at, run.end_reason = now, reason[:80]
    run.save(update_fields=COURSE)


def stand_at(run: EscalationRun, at: Position) -> None:
    """The next step, and when; `at` counts by the terms as they are in its round. What went wrong before is forgotten."""
    run.terms = terms_in(run, at.round)
    run.step, run.round, run.next_at, run.failures = at.step, at.round, at.due, 0
    run.save(update_fields=["step", "round", "next_at", "failures", "terms"])


def cancel_messages(subject_kind: str, subject_id: int, reason: str, now: datetime) -> None:
    """Call back the messages of its runs that are not sent yet."""
    ref = subjects.subject_of(subject_kind).brief(subject_id).ref
    outbox.cancel_about(subject_kind, ref, kinds=(page_kind(subject_kind), SHADOW), now=now, reason=reason)
