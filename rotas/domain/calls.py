"""The steps of runs: find the people, leave a row and a message for each, tell the subject."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from notifications.domain.routes import Route
from rotas.choices import CallOutcome
from rotas.domain import last_resort
from rotas.domain.ledger import Ledger
from rotas.domain.steps import LOOK_AGAIN, Position
from rotas.domain.targets import Beside, Finder, Found
from rotas.domain.terms import Step, Terms
from rotas.domain.words import announcement, place_of, sentence, span, watch_announcement
from rotas.models import Call, EscalationPolicy, EscalationRun, PolicyStep
from rotas.queries.visible import callable_people
from rotas.subjects import NOTICE, Brief, CallNote, Subject

# A counter of turns begins again here: a multiple of every number of people up to 16.
_ROUND = 720_720
_NOBODY = "nobody could be called"
_UNANSWERED = "everyone was called and nobody acknowledged"
_SEARCHING = f"No step found anybody to call. They are walked again every {span(LOOK_AGAIN)} until one does."


@dataclass(frozen=True, slots=True)
class Due:
    """A run whose step is to be called now, and where it stands `after`.

    `gives_up`: the step failed before and isn't tried, the fallback is called.
    """

    run: EscalationRun
    terms: Terms
    brief: Brief
    after: Position
    gives_up: bool = False


def call_steps(ledger: Ledger, due: Sequence[Due]) -> set[int]:
    """Call the step that each run stands at; the keys of those for whom anybody was called.

    Where one finds nobody, the fallback is called, else the owning team's lead, and both is said. Where nobody
    at all is there, leads and administrators are told.
    """
    asked = [each for each in due if not each.gives_up]
    finder = Finder.of(
        [_step(each) for each in asked], ledger.now, owners=[each.brief.owner_id for each in asked]
    )
    found = {
        each.run.pk: _gave_up() if each.gives_up else finder.resolve(_step(each), each.brief.owner_id)
        for each in due
    }
    _go_round([(_step(each), found[each.run.pk]) for each in asked])
    in_need = [each for each in due if not found[each.run.pk].is_somebody]
    fallbacks = _callable(key for each in in_need for key in _fallback_keys(each))
    for each in due:
        _call(ledger, each, found[each.run.pk], fallbacks)
    return {each.run.pk for each in due if found[each.run.pk].is_somebody}


def _call(ledger: Ledger, due: Due, found: Found, fallbacks: Mapping[int, User]) -> None:
    run = due.run
    outcome = CallOutcome.CALLED
    if not found.is_somebody:
        outcome = CallOutcome.FALLBACK
        fallback, why = _fallback(due, fallbacks)
        if fallback is None:
            found.missing.append(why)
        else:
            found.people[fallback.pk] = fallback, why
    if not found.is_somebody and is_searching(run):
        # it goes on looking for somebody: that nobody is there has been said
        return
    calls = [_row(ledger, run, user, outcome, why) for user, why in found.people.values()]
    missing = [_row(ledger, run, None, CallOutcome.NOBODY, sentence(found.missing))] if found.missing else []
    if found.contacts and not calls and not missing:
        # that somebody was told is on record, though it is nobody by name
        names = ", ".join(f"the channel {contact}" for contact in found.contacts.values())
        ledger.call([_row(ledger, run, None, CallOutcome.CALLED, names)])
    ledger.call([*missing, *calls])
    channels = _post(ledger, due, found)
    for call, (user, _) in zip(calls, found.people.values(), strict=True):
        event = announcement(run, due.brief, due.terms, call.why, after=due.after, now=ledger.now)
        ledger.announce(event, [user])
    ledger.note(run, [*(_note(due, call) for call in [*missing, *calls]), *channels])
    _call_beside(ledger, due, found)
    if not calls and (found.wants_people or not channels):
        ledger.say(run, [last_resort.tell(ledger, run, due.brief, _NOBODY)])


def _call_beside(ledger: Ledger, due: Due, found: Found) -> None:
    """Who leads in training is called as well; who watches hears whom it called. Neither changes where the run stands."""
    run = due.run
    trainees = found.trainees
    calls = [_row(ledger, run, each.user, CallOutcome.TRAINEE, each.why) for each in trainees]
    ledger.call(calls)
    ledger.note(run, [_note(due, call) for call in calls])
    for each in trainees:
        event = announcement(run, due.brief, due.terms, each.why, after=due.after, now=ledger.now)
        ledger.announce(event, [each.user])
    names = [str(user) for user, _ in found.people.values()] + [str(each.user) for each in trainees]
    for each in found.watchers:
        ledger.announce(watch_announcement(run, due.brief, each.why, called=names), [each.user])
        ledger.say(run, [_watching(each)])


def _watching(each: Beside) -> str:
    return f"{each.user} watches along, {each.why}. Nobody waits for them."


def _post(ledger: Ledger, due: Due, found: Found) -> list[CallNote]:
    """A message to each channel that the step names; what the timeline says of it."""
    run = due.run
    notes: list[CallNote] = []
    for contact in found.contacts.values():
        why = f"the channel {contact}"
        event = announcement(run, due.brief, due.terms, why, after=due.after, now=ledger.now)
        ledger.post(event, contact.user, Route(contact.kind, contact=contact.pk))
        text = f"Posted to {why} ({place_of(due.terms, run)})."
        notes.append(_noted(due, CallOutcome.CALLED, text, None, why))
    return notes


def _go_round(those: Sequence[tuple[Step, Found]]) -> None:
    """Of steps that go round, only whose turn it is is called; the next one comes next time.

    Part of the caller's transaction; the steps are locked in one order.
    """
    turning = [
        (step.number, found)
        for step, found in those
        if step.round_robin and step.number is not None and found.people
    ]
    if not turning:
        return
    rows = PolicyStep.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    steps = {row.pk: row for row in rows.filter(pk__in={number for number, _ in turning})}
    for number, found in turning:
        row = steps.get(number)
        found.keep_one(row.robin if row else 0)
        if row is not None:
            row.robin = (row.robin + 1) % _ROUND
    PolicyStep.objects.bulk_update(steps.values(), ["robin"])


def _step(due: Due) -> Step:
    return due.terms.steps[due.run.step]


def _gave_up() -> Found:
    return Found(missing=["this step fails again and again"])


def _row(ledger: Ledger, run: EscalationRun, user: User | None, outcome: CallOutcome, why: str) -> Call:
    place = {"run": run, "round": run.round, "step": run.step}
    return Call(user=user, outcome=outcome, why=why[:200], at=ledger.now, **place)


def is_searching(run: EscalationRun) -> bool:
    """Whether all of it was walked and found nobody."""
    return _SEARCHING in run.said


def say_exhausted(ledger: Ledger, run: EscalationRun, terms: Terms, brief: Brief) -> None:
    """Leave a row, and tell the subject, leads and administrators that nobody acknowledged."""
    why = "Everyone was called and nobody acknowledged. Nobody else will be called."
    ledger.call([_row(ledger, run, None, CallOutcome.EXHAUSTED, why)])
    count = len(terms.own)
    note = CallNote(CallOutcome.EXHAUSTED, why, why=why, step=count, steps=count, round=run.round + 1)
    ledger.note(run, [note])
    ledger.say(run, [last_resort.tell(ledger, run, brief, _UNANSWERED)])


def say_searching(ledger: Ledger, run: EscalationRun, brief: Brief) -> None:
    """Tell the subject that the walk found nobody and begins again until it does; leads and administrators hear of it, as no
    step may have come as far as to tell them."""
    if not is_searching(run):
        ledger.say(run, [last_resort.tell(ledger, run, brief, _NOBODY)])
    ledger.say(run, [_SEARCHING])


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


def _callable(keys: Iterable[int]) -> dict[int, User]:
    """Those of these people who can be called, by key."""
    wanted = set(keys)
    return callable_people().in_bulk(wanted) if wanted else {}


def _fallback_keys(due: Due) -> list[int]:
    return [key for key in (due.terms.fallback_user_id, due.brief.team_lead_id) if key is not None]


def _fallback(due: Due, people: Mapping[int, User]) -> tuple[User | None, str]:
    """The policy's fallback, else the lead of the owning team, who can be called; with the reason."""
    fallback, lead = due.terms.fallback_user_id, due.brief.team_lead_id
    if fallback is not None and fallback in people:
        return people[fallback], f"fallback of {due.run.policy_name}"
    if lead is not None and lead in people:
        return people[lead], "lead of the owning team, as the policy has no active fallback"
    return None, "there is no active fallback and no team lead: NOBODY WAS CALLED"


def _note(due: Due, call: Call) -> CallNote:
    place = place_of(due.terms, due.run)
    if call.user is None:
        text = f"{call.why} ({place})"
    elif call.outcome == CallOutcome.FALLBACK:
        text = f"Called the fallback {call.user} ({call.why}; {place})."
    else:
        text = f"Called {call.user}, {call.why} ({place})."
    return _noted(due, call.outcome, text, call.user_id, call.why)


def _noted(due: Due, outcome: str, text: str, user_id: int | None, why: str) -> CallNote:
    run, terms = due.run, due.terms
    return CallNote(outcome, text, user_id, why, terms.number_of(run.step), len(terms.own), run.round + 1)
