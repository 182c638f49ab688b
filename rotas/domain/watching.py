"""After an acknowledgement: where the policy asks for it and nobody writes anything for so long, calling begins again."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from rotas import subjects
from rotas.choices import RunState
from rotas.domain import runs
from rotas.domain import terms as stamped
from rotas.domain.words import span
from rotas.models import EscalationRun
from rotas.subjects import NOTICE, CallNote

BATCH: Final = 50


def begin_watch(run: EscalationRun, reason: str, now: datetime) -> bool:
    """Instead of ending, the run waits for signs of life where its terms ask for it; whether it does."""
    try:
        terms = stamped.read(run.terms)
    except stamped.Unreadable:
        return False
    if terms.repage_seconds is None:
        return False
    run.state, run.next_at = RunState.WATCHING, now + timedelta(seconds=terms.repage_seconds)
    run.rest, run.wait_left, run.paused_for = None, None, []
    run.ended_at, run.end_reason = None, reason[:80]
    run.save(update_fields=runs.COURSE)
    return True


def watch(now: datetime, limit: int = BATCH) -> int:
    """Look after acknowledged things whose time to be heard of is over; how many were looked at."""
    due = EscalationRun.objects.filter(
        state=RunState.WATCHING, next_at__lte=now, subject_kind__in=subjects.kinds()
    ).order_by("next_at", "pk")
    return sum(_look(*row, now) for row in due.values_list("pk", "subject_kind", "subject_id")[:limit])


@transaction.atomic
def _look(pk: int, kind: str, subject_id: int, now: datetime) -> int:
    subject = subjects.subject_of(kind)
    if not subject.lock(subject_id):
        if subject.exists(subject_id):
            return 0
        EscalationRun.objects.filter(pk=pk, state=RunState.WATCHING).update(
            state=RunState.STOPPED, next_at=None, ended_at=now, end_reason="what it was about is gone"
        )
        return 1
    rows = EscalationRun.objects.select_for_update(skip_locked=True, of=("self",))
    run = rows.filter(pk=pk, state=RunState.WATCHING, next_at__lte=now).first()
    if run is None:
        return 0
    brief = subject.brief(subject_id)
    seconds = stamped.read(run.terms).repage_seconds if brief.still_open else None
    if seconds is None:
        runs.end(run, RunState.STOPPED, "no longer open", now)
        return 1
    quiet_since, wait = subject.quiet_since(subject_id), timedelta(seconds=seconds)
    if quiet_since is None or quiet_since + wait > now:
        run.next_at = (quiet_since or now) + wait
        run.save(update_fields=["next_at"])
        return 1
    words = (
        f"Acknowledged, but nothing was written for {span(now - quiet_since)}: {run.policy_name} calls again."
    )
    subject.called(subject_id, [CallNote(NOTICE, words, round=run.round + 2)], now)
    run.step, run.round = 0, run.round + 1
    run.terms = {**run.terms, "repeats": run.terms["repeats"] + run.round}
    run.save(update_fields=["step", "round", "terms"])
    runs.revive(run, now)
    return 1
