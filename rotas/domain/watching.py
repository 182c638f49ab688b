"""After an acknowledgement: where the policy asks for it and nobody writes anything for so long, calling begins again."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from rotas import subjects
from rotas.choices import RunState
from rotas.domain import runs
from rotas.domain import terms as stamped
from rotas.domain.by_hand import terms_in
from rotas.domain.terms import Terms
from rotas.domain.words import span
from rotas.models import EscalationPolicy, EscalationRun
from rotas.queries.policy import with_steps
from rotas.subjects import NOTICE, CallNote

log = logging.getLogger(__name__)
BATCH: Final = 10
# What can't be looked after is looked at again after this long.
STAND_BACK: Final = timedelta(minutes=1)


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


def watch(now: datetime, limit: int = BATCH) -> tuple[int, Exception | None]:
    """Look after acknowledged things whose time to be heard of is over; how many were looked at, and the first error.

    One that fails stands back, so that it holds up neither the others nor the calling.
    """
    due = EscalationRun.objects.filter(
        state=RunState.WATCHING, next_at__lte=now, subject_kind__in=subjects.kinds()
    ).order_by("next_at", "pk")
    looked, failure = 0, None
    for pk, kind, subject_id in list(due.values_list("pk", "subject_kind", "subject_id")[:limit]):
        try:
            looked += _look(pk, kind, subject_id, now)
        except Exception as error:
            log.exception("run %s of %s %s can't be looked after and stands back", pk, kind, subject_id)
            failure = failure or error
            EscalationRun.objects.filter(pk=pk, state=RunState.WATCHING).update(next_at=now + STAND_BACK)
    return looked, failure


@dataclass(frozen=True, slots=True)
class First:
    """The policy that a run began with, stamped as it is today, with the rounds that it has gone through added."""

    policy: EscalationPolicy
    stamped: dict[str, Any]


def back_to_first(run: EscalationRun, terms: Terms) -> First | None:
    """Where a run went on by another policy: the first one again, if it is still in use."""
    if not terms.walked:
        return None
    policy = with_steps().filter(pk=run.terms.get("first"), is_active=True).first()
    if policy is None:
        return None
    again = stamped.stamp_of(policy)
    return First(policy, {**again, "base": policy.repeats, "repeats": policy.repeats + run.round + 1})


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
    terms = _readable(run)
    seconds = terms.repage_seconds if terms is not None and brief.still_open else None
    if terms is None or seconds is None:
        runs.end(run, RunState.STOPPED, "no longer watched" if brief.still_open else "no longer open", now)
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
    first = back_to_first(run, terms)
    if first is not None:
        run.terms, run.policy, run.policy_name = first.stamped, first.policy, first.policy.name
    run.terms = terms_in(run, run.round + 1)
    run.step, run.round = 0, run.round + 1
    base = run.terms.get("base", terms.repeats)
    run.terms = {**run.terms, "base": base, "repeats": base + run.round}
    run.save(update_fields=["step", "round", "terms", "policy", "policy_name"])
    runs.revive(run, now)
    return 1


def _readable(run: EscalationRun) -> Terms | None:
    try:
        return stamped.read(run.terms)
    except stamped.Unreadable:
        return None
