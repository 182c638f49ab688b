"""One step of a run: find the people, leave a row and a message for each, tell the subject."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from notifications.domain import outbox
from rotas.choices import CallOutcome
from rotas.domain import last_resort
from rotas.domain.steps import LOOK_AGAIN, Position
from rotas.domain.targets import Found, resolve
from rotas.domain.terms import Terms
from rotas.domain.words import announcement, sentence, span
from rotas.models import Call, EscalationPolicy, EscalationRun
from rotas.queries.visible import callable_people
from rotas.subjects import NOTICE, Brief, CallNote, Subject

_NOBODY = "nobody could be called"
_UNANSWERED = "everyone was called and nobody acknowledged"
_SEARCHING = f"No step found anybody to call. They are walked again every {span(LOOK_AGAIN)} until one does."


def call_step(
    subject: Subject,
    run: EscalationRun,
    terms: Terms,
    brief: Brief,
    *,
    after: Position,
    now: datetime,
    gives_up: bool = False,
) -> bool:
    """Call the step that the run stands at; whether anybody was called.

    Where it finds nobody, the fallback is called, else the owning team's lead, and both is said. Where nobody
    at all is there, leads and administrators are told. `gives_up`: the step failed before and isn't tried.
    """
    found = (
        Found(missing=["this step fails again and again"])
        if gives_up
        else resolve(terms.steps[run.step], now)
    )
    calls = [Call(user=user, outcome=CallOutcome.CALLED, why=why) for user, why in found.people.values()]
    if not calls:
        fallback, why = _fallback(run, terms, brief)
        if fallback is None:
            found.missing.append(why)
        else:
            calls = [Call(user=fallback, outcome=CallOutcome.FALLBACK, why=why)]
    if not calls and is_searching(run):
        # it goes on looking for somebody: that nobody is there has been said
        return False
    someone = bool(calls)
    if found.missing:
        calls.insert(0, Call(user=None, outcome=CallOutcome.NOBODY, why=sentence(found.missing)[:200]))
    for call in calls:
        call.run, call.round, call.step, call.at = run, run.round, run.step, now
        call.why = call.why[:200]
    # (run, round, step, person) is unique: whoever comes second changes nothing
    Call.objects.bulk_create(calls, ignore_conflicts=True)
    for call in calls:
        if call.user is not None:
            outbox.announce(
                announcement(run, brief, terms, call.why, after=after, now=now), [call.user], now=now
            )
    subject.called(run.subject_id, [_note(call, len(terms.steps)) for call in calls], now)
    if not someone:
        say(subject, run, [last_resort.tell(run, brief, _NOBODY, now=now)], now)
    return someone


def has_found(run: EscalationRun) -> bool:
    """Whether any step has called anybody since the run began, or was last set going again."""
    calls = run.calls.filter(outcome__in=[CallOutcome.CALLED, CallOutcome.FALLBACK])
    return calls.filter(at__gte=run.revived_at or run.started_at).exists()


def is_searching(run: EscalationRun) -> bool:
    """Whether all of it was walked and found nobody."""
    return _SEARCHING in run.said


def say(subject: Subject, run: EscalationRun, remarks: Iterable[str], now: datetime) -> None:
    """Tell the subject what has to be known, each remark once a run, and once more when it was set going again."""
    fresh = [remark for remark in remarks if remark not in run.said]
    if not fresh:
        return
    run.said = [*run.said, *fresh]
    run.save(update_fields=["said"])
    subject.called(run.subject_id, [CallNote(NOTICE, remark, round=run.round + 1) for remark in fresh], now)


def say_exhausted(subject: Subject, run: EscalationRun, terms: Terms, brief: Brief, now: datetime) -> None:
    """Leave a row, and tell the subject, leads and administrators that nobody acknowledged."""
    why = "Everyone was called and nobody acknowledged. Nobody else will be called."
    call = Call(run=run, round=run.round, step=run.step, outcome=CallOutcome.EXHAUSTED, at=now, why=why)
    Call.objects.bulk_create([call], ignore_conflicts=True)
    count = len(terms.steps)
    note = CallNote(CallOutcome.EXHAUSTED, why, why=why, step=count, steps=count, round=run.round + 1)
    subject.called(run.subject_id, [note], now)
    say(subject, run, [last_resort.tell(run, brief, _UNANSWERED, now=now)], now)


def say_searching(subject: Subject, run: EscalationRun, now: datetime) -> None:
    """Tell the subject that the walk found nobody and begins again until it does."""
    say(subject, run, [_SEARCHING], now)


def say_no_policy(
    kind: str, subject: Subject, subject_id: int, policy: EscalationPolicy | None, now: datetime
) -> None:
    """Tell the subject that no policy calls anybody, and somebody who can do something about it."""
    why = "No escalation policy" if policy is None else f"The escalation policy {policy.name} is switched off"
    what = f"{why[0].lower()}{why[1:]}: nobody was called"
    told = last_resort.tell_without_run(kind, subject_id, subject.brief(subject_id), what, now=now)
    notes = [
        CallNote(CallOutcome.NOBODY, f"{why}: nobody was called.", why=why),
        CallNote(NOTICE, told),
    ]
    subject.called(subject_id, notes, now)


def _fallback(run: EscalationRun, terms: Terms, brief: Brief) -> tuple[User | None, str]:
    """The policy's fallback, else the lead of the owning team, who can be called; with the reason."""
    keys = [key for key in (terms.fallback_user_id, brief.team_lead_id) if key is not None]
    people = callable_people().in_bulk(keys)
    if terms.fallback_user_id in people:
        return people[terms.fallback_user_id], f"fallback of {run.policy_name}"
    if brief.team_lead_id in people:
        return people[brief.team_lead_id], "lead of the owning team, as the policy has no active fallback"
    return None, "there is no active fallback and no team lead: NOBODY WAS CALLED"


def _note(call: Call, steps: int) -> CallNote:
    place = f"step {call.step + 1} of {steps}" + (f", round {call.round + 1}" if call.round else "")
    if call.user is None:
        text = f"{call.why} ({place})"
    elif call.outcome == CallOutcome.FALLBACK:
        text = f"Called the fallback {call.user} ({call.why}; {place})."
    else:
        text = f"Called {call.user}, {call.why} ({place})."
    return CallNote(call.outcome, text, call.user_id, call.why, call.step + 1, steps, call.round + 1)
