"""What escalation says: to the person called, and on the timeline."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from notifications.choices import Urgency
from notifications.types import Announcement
from rotas.domain.steps import Position, is_at_end
from rotas.domain.telling import SHADOW
from rotas.domain.terms import Terms
from rotas.models import EscalationRun, Override
from rotas.subjects import Brief


def page_kind(subject_kind: str) -> str:
    """The kind of the messages of a run, such as "incident.page"."""
    return f"{subject_kind}.page"


def announcement(
    run: EscalationRun, brief: Brief, terms: Terms, why: str, *, after: Position, now: datetime
) -> Announcement:
    """The message of the step that the run stands at: what it is, why you, what to do, what happens else."""
    place = place_of(terms, run, policy=True)
    lines = [brief.body] if brief.body else []
    if brief.opened_at is not None:
        lines.append(f"Open for {span(now - brief.opened_at)}.")
    lines += [
        f"Why you: {why}, {place}.",
        "Please open it and acknowledge it, so that nobody else is called.",
        what_follows(terms, run, after, now),
    ]
    return Announcement(
        key=f"run:{run.pk}:{run.round}:{run.step}",
        kind=page_kind(run.subject_kind),
        urgency=Urgency.URGENT,
        subject=f"{brief.severity} {brief.ref} {brief.title}"[:200],
        body="\n".join(lines),
        url=brief.url,
        about_kind=run.subject_kind,
        about_ref=brief.ref,
        data={
            "severity": brief.severity,
            "step": run.step + 1,
            "round": run.round + 1,
            "run": run.pk,
            **({"action": brief.action} if brief.action else {}),
        },
    )


def watch_announcement(run: EscalationRun, brief: Brief, why: str, *, called: Sequence[str]) -> Announcement:
    """The message to somebody who watches along at the step that the run stands at. It asks for nothing, and has no link that
    acknowledges."""
    lines = [brief.body] if brief.body else []
    lines += [
        f"Called: {', '.join(called) or 'nobody yet'}.",
        f"You watch along, {why}: nothing is asked of you, and nobody waits for you.",
    ]
    return Announcement(
        key=f"run:{run.pk}:{run.round}:{run.step}:watch",
        kind=SHADOW,
        urgency=Urgency.URGENT,
        subject=f"You watch along: {brief.severity} {brief.ref} {brief.title}"[:200],
        body="\n".join(lines),
        url=brief.url,
        about_kind=run.subject_kind,
        about_ref=brief.ref,
        data={"severity": brief.severity, "story": f"watch:{run.pk}"},
    )


def what_follows(terms: Terms, run: EscalationRun, after: Position, now: datetime) -> str:
    """What happens if nobody acknowledges."""
    wait = span(after.due - now)
    if is_at_end(terms, after.step):
        return f"This is the last step: if nobody acknowledges within {wait}, calling ends."
    if after.round > run.round:
        return f"If nobody acknowledges within {wait}, the steps are walked again from the first."
    number = terms.number_of(after.step)
    following = f"step {number}" if number else "whoever was chosen before"
    return f"If nobody acknowledges within {wait}, {following} is called."


def place_of(terms: Terms, run: EscalationRun, *, policy: bool = False) -> str:
    """Where a run stands: "step 2 of 3, round 2", with the name of its policy if wanted."""
    number, count = terms.number_of(run.step), len(terms.own)
    place = f"step {number} of {count}" if number else "by hand"
    if policy and count:
        place += f" of {run.policy_name}" if number else f", beside {run.policy_name}"
    return place + (f", round {run.round + 1}" if run.round else "")


def span(delta: timedelta) -> str:
    """A stretch of time in the words of people: "40 s", "14 min", "2 h 05 min", "3 d 4 h"."""
    seconds = max(0, int(delta.total_seconds()))
    minutes = seconds // 60
    if minutes < 1:
        return f"{seconds} s"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes // 1440} d {minutes // 60 % 24} h"


def sentence(parts: list[str]) -> str:
    """Fragments as one sentence with a capital and a full stop."""
    text = "; ".join(parts)
    return text[:1].upper() + text[1:] + "."


def what_it_does(override: Override) -> str:
    """What an override does: "Faith covers Brian", "Faith is on call as well", "Brian is away"."""
    if override.user is None:
        return f"{override.replaces} is away"
    if override.takes_over:
        return f"{override.user} takes over"
    if override.replaces is None:
        return f"{override.user} is on call as well"
    return f"{override.user} covers {override.replaces}"
