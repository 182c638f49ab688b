"""The escalation engine's verbs: one policy walked for one subject until somebody acknowledges.

Verbs are called by the subject's owner, who holds the subject's lock. `tick` stands in `walk.py`.
"""

from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.db import transaction

from accounts.domain.audit import record
from accounts.models import User
from core.errors import IllegalState, Invalid
from core.nudge import nudge
from core.types import Actor
from rotas import subjects
from rotas.choices import RunState
from rotas.domain import runs
from rotas.domain import terms as stamped
from rotas.domain.by_hand import (
    CALLED_BY_HAND,
    alone,
    is_only_by_hand,
    own_terms,
    put_before,
    put_in,
    take_out,
    waiting_at,
)
from rotas.domain.calls import is_searching, say_no_policy
from rotas.domain.runs import DOORBELL
from rotas.domain.steps import MOST_ROUNDS, Position, decide, is_at_end
from rotas.domain.walk import tick
from rotas.domain.watching import begin_watch
from rotas.models import EscalationPolicy, EscalationRun
from rotas.queries.visible import callable_people

__all__ = [
    "DOORBELL", "ON_HOLD", "calls_by", "decide", "escalate_now", "pause", "restart", "resume", "start", "start_over",
    "stop", "tick",
]  # fmt: skip

ON_HOLD = "on hold"


@transaction.atomic
def start(
    subject_kind: str, subject_id: int, policy: EscalationPolicy | None, *, now: datetime
) -> EscalationRun | None:
    """Begin to walk a policy; its first step is due at once. A run that lives already is kept as it is.

    Without a policy, or with one that is switched off, there is no run and the subject is told so: None.
    """
    live = runs.live(subject_kind, subject_id)
    if live is not None and live.state == RunState.WATCHING:
        runs.end(live, RunState.STOPPED, "called anew", now)
    elif live is not None:
        return live
    if policy is None or not policy.is_active:
        say_no_policy(subject_kind, subjects.subject_of(subject_kind), subject_id, policy, now)
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
def stop(
    subject_kind: str, subject_id: int, *, reason: str, now: datetime, watches: bool = False
) -> EscalationRun | None:
    """End calling: no further step, and messages that wait are cancelled. None where nothing was called.

    `watches`: somebody works on it now; where the policy asks for it, it calls again when they say nothing for long.
    """
    run = runs.live(subject_kind, subject_id)
    runs.cancel_messages(subject_kind, subject_id, reason, now)
    if run is None:
        return None
    was_calling = run.state != RunState.WATCHING
    _forget_chosen(run)
    if not (watches and begin_watch(run, reason, now)):
        runs.end(run, RunState.STOPPED, reason, now)
    return run if was_calling else None


def calls_by(subject_kind: str, subject_id: int, policy: EscalationPolicy | None) -> bool:
    """Whether a run of this very policy calls, or is paused."""
    live = runs.live(subject_kind, subject_id)
    calls = live is not None and live.state != RunState.WATCHING
    return calls and live is not None and policy is not None and live.policy_id == policy.pk


@transaction.atomic
def start_over(
    subject_kind: str, subject_id: int, policy: EscalationPolicy | None, *, reason: str, now: datetime
) -> EscalationRun | None:
    """Call by this policy from its first step, whatever was called before; a run by another one ends for `reason`.

    Without a policy that calls, a run that lives goes on; where none does the subject is told so: None.
    """
    if policy is not None and policy.is_active:
        stop(subject_kind, subject_id, reason=reason, now=now)
    return start(subject_kind, subject_id, policy, now=now)


@transaction.atomic
def pause(
    subject_kind: str, subject_id: int, *, reason: str = ON_HOLD, now: datetime
) -> EscalationRun | None:
    """Stand still for a `reason`; what is left of the wait is kept to the microsecond, waiting messages go.

    Each reason is lifted by a `resume` of its own: a run on hold in a maintenance window goes on when both
    are over. The same reason twice is one.
    """
    run = runs.live(subject_kind, subject_id)
    if run is None or run.state == RunState.WATCHING or reason in run.paused_for:
        return run
    run.paused_for = [*run.paused_for, reason]
    if run.state == RunState.RUNNING and run.next_at is not None:
        runs.cancel_messages(subject_kind, subject_id, reason, now)
        run.state, run.rest = RunState.PAUSED, max(timedelta(0), run.next_at - now)
        run.wait_left, run.next_at = ceil(run.rest.total_seconds()), None
    run.save(update_fields=["state", "rest", "wait_left", "next_at", "paused_for"])
    return run


@transaction.atomic
def resume(
    subject_kind: str, subject_id: int, *, reason: str = ON_HOLD, now: datetime
) -> EscalationRun | None:
    """This reason to pause is over. With the last one the run goes on with the wait that was left.

    A wait that was over when the pause began is over at once. A run that was stopped stays so.
    """
    run = runs.live(subject_kind, subject_id)
    if run is None or run.state != RunState.PAUSED:
        return run
    run.paused_for = [each for each in run.paused_for if each != reason]
    if run.paused_for:
        run.save(update_fields=["paused_for"])
        return run
    rest = run.rest if run.rest is not None else timedelta(seconds=run.wait_left or 0)
    runs.run_on(run, now + rest)
    return run


@transaction.atomic
def restart(
    subject_kind: str, subject_id: int, policy: EscalationPolicy | None = None, *, now: datetime
) -> EscalationRun | None:
    """Call again after a reopen: the last run goes on at its step, at once; whoever heard that nobody is there hears again.

    One that was walked to its end (whomever it found), or none, starts over: with `policy`, else with the last run's as it is
    today, else with the last run's own terms.
    """
    live = runs.live(subject_kind, subject_id)
    if live is not None and live.state == RunState.WATCHING:
        runs.end(live, RunState.STOPPED, live.end_reason, now)
    elif live is not None:
        return live
    last = runs.last(subject_kind, subject_id)
    if last is None:
        return start(subject_kind, subject_id, policy, now=now)
    if last.state == RunState.STOPPED and not is_walked(last):
        runs.revive(last, now)
        return last
    policy = policy or last.policy
    if policy is not None and policy.is_active:
        return start(subject_kind, subject_id, policy, now=now)
    run = EscalationRun.objects.create(
        subject_kind=subject_kind,
        subject_id=subject_id,
        policy=last.policy,
        policy_name=last.policy_name,
        terms=own_terms(last.terms),
        next_at=now,
        started_at=now,
    )
    nudge(DOORBELL)
    return run


@transaction.atomic
def escalate_now(
    subject_kind: str,
    subject_id: int,
    *,
    actor: Actor,
    now: datetime,
    step: int | None = None,
    person: User | None = None,
) -> EscalationRun:
    """Call the next step at once, whatever is left of the wait; a run that ended goes on or starts over.

    `step` (of the policy's own, counted from 1) calls that one instead, `person` somebody beside the steps; the chain goes on
    behind. A pause is over with it. Raises Invalid for a step that there is not, for both at once and for somebody who can't be
    called, IllegalState where there is no policy to walk (a person can still be called) or its terms can't be read.
    """
    if person is not None:
        _check_person(person, step)
    run = _set_going(subject_kind, subject_id, person, now)
    if run is None:
        raise IllegalState(
            "No escalation policy covers this: assign the person to call yourself, or call them by name.",
            code="no_policy",
        )
    detail: dict[str, Any] = {}
    if step is not None:
        _stand_at_step(run, step, now)
    elif person is not None:
        _stand_at_person(run, person, actor, now)
        detail = {"person": person.pk, "name": str(person)}
    record(
        "escalation.call_next",
        actor=actor,
        now=now,
        subject_kind=subject_kind,
        subject_id=subject_id,
        subject_name=run.policy_name,
        detail={"step": run.step + 1, "round": run.round + 1, **detail},
    )
    return run


def _set_going(
    subject_kind: str, subject_id: int, person: User | None, now: datetime
) -> EscalationRun | None:
    """The run of the subject, its next step due now; for a `person` one is begun where no policy calls."""
    run = runs.live(subject_kind, subject_id)
    if run is not None and run.state == RunState.WATCHING:
        # it was acknowledged: as after an end
        run = restart(subject_kind, subject_id, now=now)
    elif run is not None and is_searching(run):
        # it looks again from its first step, and if nobody is there whoever asked hears so
        runs.stand_at(run, Position(0, min(run.round + 1, MOST_ROUNDS), now))
        runs.revive(run, now)
    elif run is not None:
        runs.run_on(run, now)
    else:
        last = runs.last(subject_kind, subject_id)
        if person is not None and (last is None or is_only_by_hand(last.terms)):
            run = _begin_by_hand(subject_kind, subject_id, now)
        elif last is not None:
            run = restart(subject_kind, subject_id, now=now)
    return run


def _check_person(person: User, step: int | None) -> None:
    if step is not None:
        neither = "Choose the one or the other."
        raise Invalid("A step is called, or a person: not both.", fields={"step": neither, "person": neither})
    if not callable_people().filter(pk=person.pk).exists():
        raise Invalid(f"{person} can't be called.", fields={"person": "Not an active responder."})


def _begin_by_hand(subject_kind: str, subject_id: int, now: datetime) -> EscalationRun:
    """A run of no policy, for the person that is put in next."""
    return EscalationRun.objects.create(
        subject_kind=subject_kind,
        subject_id=subject_id,
        policy_name=CALLED_BY_HAND,
        terms=alone(),
        next_at=now,
        started_at=now,
    )


def _stand_at_person(run: EscalationRun, person: User, actor: Actor, now: datetime) -> None:
    """The next thing that the run does is call this person; behind them the chain goes on from where it stood."""
    _readable(run)
    run.terms = put_in(run.terms, run.step, person.pk, actor.name)
    runs.stand_at(run, Position(run.step, run.round, now))
    nudge(DOORBELL)


def _stand_at_step(run: EscalationRun, step: int, now: datetime) -> None:
    """The next thing that the run does is call this step, in a round of its own where it was called already.

    Somebody who was chosen before and isn't called yet is called with it.
    """
    own = _readable(run).own
    if not 1 <= step <= len(own):
        raise Invalid(f"The policy has {len(own)} steps.", fields={"step": f"From 1 to {len(own)}."})
    at, chosen = own[step - 1], waiting_at(run.terms, run.step)
    if at >= run.step:
        runs.stand_at(run, Position(at, run.round, now))
    else:
        # the new round has only the policy's own steps
        runs.stand_at(run, Position(step - 1, run.round + 1, now))
        repeats = run.terms["repeats"]
        base = run.terms.get("base", repeats)
        run.terms = {**run.terms, "base": base, "repeats": max(repeats, run.round)}
    if chosen is not None:
        run.terms = put_before(run.terms, run.step, chosen)
    run.save(update_fields=["terms"])


def _forget_chosen(run: EscalationRun) -> None:
    """Whoever was chosen and isn't called yet needs not be called any more."""
    terms = take_out(run.terms, run.step)
    if terms is not run.terms:
        run.terms = terms
        run.save(update_fields=["terms"])


def _readable(run: EscalationRun) -> stamped.Terms:
    try:
        return stamped.read(run.terms)
    except stamped.Unreadable:
        raise IllegalState(
            "The terms that this call started with can't be read: call the next step instead.", code="terms"
        ) from None


def is_walked(run: EscalationRun) -> bool:
    """Whether its steps have all been called, or looked at in vain. Terms that can't be read are for the next step
    to replace."""
    if is_searching(run):
        return True
    try:
        return is_at_end(stamped.read(run.terms), run.step)
    except stamped.Unreadable:
        return False
