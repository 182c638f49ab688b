"""The steps that can be called about something, with who is on each of them now."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from rotas import subjects
from rotas.choices import RunState
from rotas.domain import terms as stamped
from rotas.domain.escalation import is_walked
from rotas.domain.targets import Finder, Found
from rotas.domain.terms import Terms
from rotas.models import EscalationRun


@dataclass(frozen=True, slots=True)
class StepNow:
    """One step of the policy, counted from 1, and whom it would call now, in words."""

    number: int
    who: str


def steps_now(subject_kind: str, subject_id: int, now: datetime) -> list[StepNow]:
    """The steps that `escalation.escalate_now` takes for the subject. None where no policy was walked, or it can't be read."""
    runs = EscalationRun.objects.filter(subject_kind=subject_kind, subject_id=subject_id)
    run = runs.select_related("policy").order_by("-pk").first()
    terms = _terms(run) if run is not None else None
    if terms is None:
        return []
    owner = subjects.subject_of(subject_kind).brief(subject_id).owner_id
    steps = [terms.steps[index] for index in terms.own]
    finder = Finder.of(steps, now, owners=[owner])
    return [
        StepNow(number, _who(finder.resolve(step, owner), in_turn=step.round_robin))
        for number, step in enumerate(steps, start=1)
    ]


def _terms(run: EscalationRun) -> Terms | None:
    """Those that the next call goes by: what has ended begins again with its policy as it is today."""
    ended = run.state == RunState.EXHAUSTED or (
        run.state in {RunState.STOPPED, RunState.WATCHING} and is_walked(run)
    )
    policy = run.policy
    today = ended and policy is not None and policy.is_active
    try:
        return stamped.read(stamped.stamp(policy) if today and policy is not None else run.terms)
    except stamped.Unreadable:
        return None


def _who(found: Found, *, in_turn: bool) -> str:
    """ "Brian (on call of Nights), Chege (lead of Data)"; of those who take turns "one of Brian, Chege"."""
    if in_turn and len(found.people) > 1:
        names = ", ".join(str(user) for user, _why in found.people.values())
        return _("one of %(names)s") % {"names": names}
    words = [f"{user} ({why})" for user, why in found.people.values()]
    words += [str(contact) for contact in found.contacts.values()]
    return ", ".join(words) or _("nobody now: %(why)s") % {"why": "; ".join(found.missing)}
