"""The tick of the escalation engine: runs that are due go one step on, and none ever stands still.

It finds due runs without a lock, then locks the subject (skipping busy ones), then the run, and looks again:
the order of all engines. A step that can't be worked out by its terms calls the fallback; see
docs/architecture/engines.md for what happens when.
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least

from core import meter
from rotas import subjects
from rotas.choices import RunState
from rotas.domain import changes, runs
from rotas.domain import terms as stamped
from rotas.domain.calls import call_step, has_found, say, say_exhausted, say_searching
from rotas.domain.steps import NOBODY_WAIT, Position, decide
from rotas.domain.terms import Terms
from rotas.models import EscalationRun

log = logging.getLogger(__name__)
BATCH = 50
# How far a tick looks past runs whose subject is in other hands: those never hold up the ones behind them.
LOOK = 20 * BATCH
# A run that fails stands back this long, so that it never holds up the others.
STAND_BACK = timedelta(seconds=30)
# After so many failures in a row its step is not worked out any more: the fallback is called.
GIVE_UP: Final = 3
MOST_FAILURES: Final = 1000


def tick(now: datetime, limit: int = BATCH) -> int:
    """Walk every run that is due by one step; returns how many. What is busy is left for the next tick.

    A run that fails stands back half a minute, the others go on, and the first error is raised at the end.
    Runs of a kind that this process doesn't know are left to one that does.
    """
    due = EscalationRun.objects.filter(
        state=RunState.RUNNING, next_at__lte=now, subject_kind__in=subjects.kinds()
    ).order_by("next_at", "pk")
    walked, failure = 0, None
    for pk, kind, subject_id in list(due.values_list("pk", "subject_kind", "subject_id")[:LOOK]):
        if walked >= limit:
            break
        try:
            walked += _walk(pk, kind, subject_id, now)
        except Exception as error:
            log.exception("run %s of %s %s failed and stands back", pk, kind, subject_id)
            failure = failure or error
            _stand_back(pk, now)
    if failure is not None:
        raise failure
    return walked


def _stand_back(pk: int, now: datetime) -> None:
    """Put a run that failed behind the others. Where even that fails it is tried again at once: it costs its turn."""
    try:
        # counted no further than means anything: the column is a small one
        EscalationRun.objects.filter(pk=pk, state=RunState.RUNNING).update(
            next_at=now + STAND_BACK, failures=Least(F("failures"), MOST_FAILURES - 1) + 1
        )
    except Exception:
        log.exception("run %s can't stand back", pk)


@transaction.atomic
def _walk(pk: int, subject_kind: str, subject_id: int, now: datetime) -> int:
    subject = subjects.subject_of(subject_kind)
    locked = subject.lock(subject_id)
    if not locked and subject.exists(subject_id):
        return 0
    still_due = EscalationRun.objects.filter(pk=pk, state=RunState.RUNNING, next_at__lte=now)
    run = still_due.select_for_update(skip_locked=True, of=("self",)).first()
    if run is None or run.next_at is None:
        return 0
    if not locked:
        runs.end(run, RunState.STOPPED, "what it was about is gone", now)
        return 1
    brief = subject.brief(subject_id)
    if not brief.still_open:
        runs.cancel_messages(subject_kind, subject_id, "no longer open", now)
        runs.end(run, RunState.STOPPED, "no longer open", now)
        return 1
    meter.late("escalation", run.next_at, now)
    gives_up = run.failures >= GIVE_UP
    terms = _terms(run, subject, now, gives_up=gives_up)
    if not gives_up:
        say(subject, run, changes.remarks(run, brief), now)
    decision = decide(terms, Position(run.step, run.round, run.next_at), now, found=lambda: has_found(run))
    if decision.act == "exhausted":
        say_exhausted(subject, run, terms, brief, now)
        runs.end(run, RunState.EXHAUSTED, "everyone was called", now)
    elif decision.act == "again" and decision.after is not None:
        say_searching(subject, run, now)
        runs.stand_at(run, decision.after)
    elif decision.after is not None:
        after = decision.after
        if not call_step(subject, run, terms, brief, after=after, now=now, gives_up=gives_up):
            after = replace(after, due=min(after.due, now + NOBODY_WAIT))
        runs.stand_at(run, after)
    return 1


def _terms(run: EscalationRun, subject: subjects.Subject, now: datetime, *, gives_up: bool) -> Terms:
    """The terms of a run; those that can't be read are replaced, once, and the timeline says so."""
    try:
        return stamped.read(run.terms)
    except stamped.Unreadable as error:
        log.error("terms of run %s can't be read: %s", run.pk, error)
    lost = "The terms that this call started with can't be read"
    policy = run.policy
    if policy is not None and policy.is_active and not gives_up:
        run.terms = stamped.stamp(policy)
        words = f"{lost}: it goes on by the policy {policy.name} as it is today."
    else:
        run.terms = stamped.empty(run.terms)
        words = (
            f"{lost}, nor can the policy {run.policy_name} be used as it is today: the fallback is called."
        )
    terms = stamped.read(run.terms)
    if run.step >= len(terms.steps):
        # where it stood means nothing any more: rather call once too often than end without a word
        run.step, run.round = 0, run.round + 1
        run.terms["repeats"] = max(terms.repeats, run.round)
        terms = stamped.read(run.terms)
    run.save(update_fields=["terms", "step", "round"])
    say(subject, run, [words], now)
    return terms
