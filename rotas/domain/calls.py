"""One step of a run: find the people, leave a row and a message for each, tell the subject."""

from datetime import datetime

from accounts.models import User
from notifications.domain import outbox
from rotas.choices import CallOutcome
from rotas.domain.steps import Position
from rotas.domain.targets import resolve
from rotas.domain.terms import Terms
from rotas.domain.words import announcement, sentence
from rotas.models import Call, EscalationPolicy, EscalationRun
from rotas.subjects import Brief, CallNote, Subject


def call_step(
    subject: Subject, run: EscalationRun, terms: Terms, brief: Brief, *, after: Position, now: datetime
) -> None:
    """Call the step that the run stands at. Where it finds nobody, call the fallback and say both."""
    found = resolve(terms.steps[run.step], now)
    calls = [Call(user=user, outcome=CallOutcome.CALLED, why=why) for user, why in found.people.values()]
    if not calls:
        fallback, why = _fallback(run, terms, brief)
        if fallback is None:
            found.missing.append(why)
        else:
            calls = [Call(user=fallback, outcome=CallOutcome.FALLBACK, why=why)]
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


def say_exhausted(subject: Subject, run: EscalationRun, terms: Terms, now: datetime) -> None:
    """Leave a row and tell the subject that everyone was called and nobody acknowledged."""
    why = "Everyone was called and nobody acknowledged. Nobody else will be called."
    call = Call(run=run, round=run.round, step=run.step, outcome=CallOutcome.EXHAUSTED, at=now, why=why)
    Call.objects.bulk_create([call], ignore_conflicts=True)
    count = len(terms.steps)
    note = CallNote(CallOutcome.EXHAUSTED, why, why=why, step=count, steps=count, round=run.round + 1)
    subject.called(run.subject_id, [note], now)


def say_no_policy(subject: Subject, subject_id: int, policy: EscalationPolicy | None, now: datetime) -> None:
    """Tell the subject that nothing will call anybody."""
    why = "No escalation policy" if policy is None else f"The escalation policy {policy.name} is switched off"
    subject.called(subject_id, [CallNote(CallOutcome.NOBODY, f"{why}: nobody was called.", why=why)], now)


def _fallback(run: EscalationRun, terms: Terms, brief: Brief) -> tuple[User | None, str]:
    """The policy's fallback, else the lead of the owning team, if active; with the reason."""
    keys = [key for key in (terms.fallback_user_id, brief.team_lead_id) if key is not None]
    people = User.objects.filter(is_active=True).in_bulk(keys)
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
