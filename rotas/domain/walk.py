"""The tick of the escalation engine: runs that are due go one step on, and none ever stands still.

It finds due runs without a lock, then locks the subjects (skipping busy ones), then the runs, and looks again:
the order of all engines. Runs are walked many at once; where that fails each is walked by itself. A step that can't be
worked out by its terms calls the fallback; see docs/architecture/engines.md for what happens when.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby, islice
from operator import attrgetter
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import F, Max
from django.db.models.functions import Least

from core import meter
from rotas import subjects
from rotas.choices import CALLED_SOMEBODY, RunState
from rotas.domain import changes, runs
from rotas.domain import terms as stamped
from rotas.domain.calls import Due, call_steps, say_exhausted, say_searching
from rotas.domain.ledger import Ledger
from rotas.domain.steps import NOBODY_WAIT, Decision, Facts, Position, decide, is_at_end
from rotas.domain.terms import Terms
from rotas.domain.watching import back_to_first, watch
from rotas.models import Call, EscalationPolicy, EscalationRun
from rotas.queries.policy import with_steps
from rotas.subjects import Brief

log = logging.getLogger(__name__)
BATCH = 50
# How far a tick looks past runs whose subject is in other hands: those never hold up the ones behind them.
LOOK = 20 * BATCH
# A run that fails stands back this long, so that it never holds up the others.
STAND_BACK = timedelta(seconds=30)
# After so many failures in a row its step is not worked out any more: the fallback is called.
GIVE_UP: Final = 3
MOST_FAILURES: Final = 1000


class _Waiting(NamedTuple):
    pk: int
    kind: str
    subject_id: int


@dataclass(slots=True)
class _Tick:
    now: datetime
    failure: Exception | None = None


def tick(now: datetime, limit: int = BATCH) -> int:
    """Walk every run that is due by one step; returns how many. What is busy is left for the next tick.

    A run that fails stands back half a minute, the others go on, and the first error is raised at the end.
    Runs of a kind that this process doesn't know are left to one that does.
    """
    due = EscalationRun.objects.filter(
        state=RunState.RUNNING, next_at__lte=now, subject_kind__in=subjects.kinds()
    ).order_by("next_at", "pk")
    rest = [_Waiting(*row) for row in due.values_list("pk", "subject_kind", "subject_id")[:LOOK]]
    this, walked = _Tick(now), 0
    while rest and walked < limit:
        _, alike = next(groupby(rest, key=attrgetter("kind")))
        crowd = list(islice(alike, limit - walked))
        rest = rest[len(crowd) :]
        walked += _walk_all(this, crowd)
    looked, error = watch(now)
    if this.failure or error:
        raise this.failure or error  # type: ignore[misc]
    return walked + looked


def _walk_all(this: _Tick, crowd: Sequence[_Waiting]) -> int:
    """Walk some together; where that fails, each by itself, so that one bad run stops no other."""
    try:
        return _walk(crowd, this.now)
    except Exception as error:
        if len(crowd) > 1:
            log.warning("%s runs are walked one by one: %s", len(crowd), error)
            return sum(_walk_all(this, [each]) for each in crowd)
        (only,) = crowd
        log.exception("run %s of %s %s failed and stands back", *only)
        this.failure = this.failure or error
        _stand_back(only.pk, this.now)
        return 0


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
def _walk(crowd: Sequence[_Waiting], now: datetime) -> int:
    """Walk runs of one kind; how many. As many queries for all as for one."""
    kind = crowd[0].kind
    subject = subjects.subject_of(kind)
    ids = {each.subject_id for each in crowd}
    free = subject.lock_free(ids)
    held = subject.existing(ids - free) if ids - free else set()
    rows = EscalationRun.objects.filter(
        pk__in=[each.pk for each in crowd if each.subject_id not in held],
        state=RunState.RUNNING,
        next_at__lte=now,
    )
    locked = list(rows.select_for_update(skip_locked=True, of=("self",)).order_by("next_at", "pk"))
    briefs = subject.briefs([run.subject_id for run in locked if run.subject_id in free])
    ledger = Ledger(subject, now)
    calling = []
    for run in locked:
        brief = briefs.get(run.subject_id)
        if brief is None:
            ledger.end(run, RunState.STOPPED, "what it was about is gone")
        elif not brief.still_open:
            runs.cancel_messages(kind, run.subject_id, "no longer open", now)
            ledger.end(run, RunState.STOPPED, "no longer open")
        elif run.next_at is not None:
            meter.late("escalation", run.next_at, now)
            calling.append((run, brief))
    _step(ledger, calling)
    ledger.write()
    return len(locked)


def _step(ledger: Ledger, calling: Sequence[tuple[EscalationRun, Brief]]) -> None:
    """Decide for each what it does now, and do it."""
    policies = _policies(run for run, _ in calling if not _gives_up(run))
    terms = {run.pk: _terms(ledger, run) for run, _ in calling}
    for run, brief in calling:
        if not _gives_up(run):
            ledger.say(run, changes.remarks(run, brief, policies.get(run.policy_id or 0)))
    found = _found([run for run, _ in calling if is_at_end(terms[run.pk], run.step)])
    facts = _facts(ledger, calling, terms)
    due = []
    for run, brief in calling:
        decision = _decide(run, terms[run.pk], ledger.now, found, facts.get(run.pk))
        after = _settle(ledger, run, brief, terms[run.pk], decision)
        if after is not None:
            due.append(Due(run, terms[run.pk], brief, after, gives_up=_gives_up(run)))
    called = call_steps(ledger, due)
    for each in due:
        after = each.after
        if each.run.pk not in called:
            after = replace(after, due=min(after.due, ledger.now + NOBODY_WAIT))
        follows = each.terms.steps[each.run.step].then_policy_id
        ledger.stand_at(each.run, after)
        if follows is not None:
            _go_on_by(ledger, each, follows, after.due)


def _begin_anew(run: EscalationRun, terms: Terms) -> None:
    """A walk that begins again does so with the policy that it began with."""
    first = back_to_first(run, terms)
    if first is not None:
        run.terms, run.policy, run.policy_name = first.stamped, first.policy, first.policy.name


def _go_on_by(ledger: Ledger, each: Due, key: int, due: datetime) -> None:
    """The run goes on by another policy from its first step; never by one that it has gone through already."""
    run = each.run
    walked = {*each.terms.walked, *([run.policy_id] if run.policy_id is not None else [])}
    policy = with_steps().filter(pk=key, is_active=True).first()
    if policy is None:
        ledger.say(run, ["The policy that should follow is not in use any more: this one goes on."])
        return
    if policy.pk in walked:
        ledger.say(run, [f"{policy.name} was walked already: {run.policy_name} goes on."])
        return
    ledger.say(run, [f"{run.policy_name} hands over to {policy.name}."])
    first = run.terms.get("first", run.policy_id)
    run.terms = {**stamped.stamp_of(policy), "walked": sorted(walked), "first": first}
    run.policy, run.policy_name = policy, policy.name
    # a round of its own: (run, round, step, person) is unique
    ledger.stand_at(run, Position(0, run.round + 1, due))
    run.terms["base"], run.terms["repeats"] = policy.repeats, policy.repeats + run.round


def _facts(
    ledger: Ledger, calling: Sequence[tuple[EscalationRun, Brief]], terms: Mapping[int, Terms]
) -> dict[int, Facts]:
    """What the conditions of the steps that come now ask about; of the others nothing is read."""
    steps = {
        run.pk: terms[run.pk].steps[run.step]
        for run, _ in calling
        if not is_at_end(terms[run.pk], run.step) and not _gives_up(run)
    }
    ask = [run.subject_id for run, _ in calling if run.pk in steps and steps[run.pk].asks_hours]
    hours = ledger.subject.hours(ask, ledger.now) if ask else {}
    found = {}
    for run, brief in calling:
        support = hours.get(run.subject_id)
        found[run.pk] = Facts(
            severity=brief.severity,
            is_open=support.is_open if support else None,
            opens_at=support.opens_at if support else None,
            alerts=partial(_alerts, ledger, run.subject_id),
        )
    return {key: facts for key, facts in found.items() if key in steps}


def _alerts(ledger: Ledger, subject_id: int, seconds: int) -> int:
    return ledger.subject.alerts(subject_id, ledger.now - timedelta(seconds=seconds))


def _settle(
    ledger: Ledger, run: EscalationRun, brief: Brief, terms: Terms, decision: Decision
) -> Position | None:
    """Do what was decided; where it is to call a step, where the run stands afterwards."""
    if decision.act == "call":
        return decision.after
    if decision.act == "exhausted":
        say_exhausted(ledger, run, terms, brief)
        ledger.end(run, RunState.EXHAUSTED, "everyone was called")
    elif decision.after is not None:
        if decision.act == "again":
            say_searching(ledger, run, brief)
            _begin_anew(run, terms)
        else:
            words = f"Step {terms.number_of(run.step)} of {run.policy_name} is passed over: it is for {decision.why}."
            ledger.say(run, [words])
        ledger.stand_at(run, decision.after)
    return None


def _decide(
    run: EscalationRun, terms: Terms, now: datetime, found: Mapping[int, bool], facts: Facts | None
) -> Decision:
    if run.next_at is None:
        return Decision("wait")
    at = Position(run.step, run.round, run.next_at)
    return decide(terms, at, now, found=lambda: found[run.pk], facts=facts)


def _gives_up(run: EscalationRun) -> bool:
    """Whether its step has failed so often that it isn't worked out any more."""
    return run.failures >= GIVE_UP


def _policies(those: Iterable[EscalationRun]) -> dict[int, EscalationPolicy]:
    """The policies of runs as they are today, by key."""
    keys = {run.policy_id for run in those if run.policy_id is not None}
    return with_steps().in_bulk(keys) if keys else {}


def _found(those: Sequence[EscalationRun]) -> dict[int, bool]:
    """Of each: whether any step has called anybody since it began, or was last set going again. One query."""
    if not those:
        return {}
    calls = Call.objects.filter(run__in=those, outcome__in=CALLED_SOMEBODY)
    latest = dict(calls.order_by().values_list("run").annotate(at=Max("at")))
    return {
        run.pk: run.pk in latest and latest[run.pk] >= (run.revived_at or run.started_at) for run in those
    }


def _terms(ledger: Ledger, run: EscalationRun) -> Terms:
    """The terms of a run; those that can't be read are replaced, once, and the timeline says so."""
    try:
        return stamped.read(run.terms)
    except stamped.Unreadable as error:
        log.error("terms of run %s can't be read: %s", run.pk, error)
    lost = "The terms that this call started with can't be read"
    policy = run.policy
    if policy is not None and policy.is_active and not _gives_up(run):
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
    ledger.say(run, [words])
    return terms
