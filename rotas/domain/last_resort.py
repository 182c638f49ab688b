"""When nobody is left to call: the leads and administrators hear of it, so that a person decides."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from accounts.queries.people import leads
from notifications.choices import Urgency
from notifications.domain import outbox
from notifications.types import Announcement
from rotas.domain.ledger import Ledger
from rotas.domain.words import page_kind
from rotas.models import EscalationRun
from rotas.queries.visible import callable_people
from rotas.subjects import Brief
from services.choices import Severity


def tell(ledger: Ledger, run: EscalationRun, brief: Brief, what: str) -> str:
    """An urgent message to every active lead and administrator, once for a run and `what` has happened.

    A run that was set going again tells again. Returns who was told, as a sentence for the timeline.
    An acknowledgement calls the message back like a page.
    """
    about = _About(run.subject_kind, brief, f"{run.policy_name}: {what}", run.pk)
    episode = f":{run.revived_at:%Y%m%dT%H%M%S.%f}" if run.revived_at else ""
    key = f"run:{run.pk}:{what}{episode}"
    people = list(leads())
    if people:
        ledger.announce(_event(about, what, Urgency.URGENT, key), people)
    return _said(people)


def tell_without_run(subject_kind: str, subject_id: int, brief: Brief, what: str, *, now: datetime) -> str:
    """Where no policy calls anybody: the lead of the owning team hears of it, else every lead and administrator.

    Urgent for SEV1 and SEV2. A new start (a reopening, say) tells again. Returns who was told, as a sentence.
    """
    lead = callable_people().filter(pk=brief.team_lead_id or 0).first()
    people = [lead] if lead else list(leads())
    urgency = Urgency.URGENT if brief.severity in _URGENT else Urgency.ORDINARY
    key = f"{subject_kind}:{subject_id}:no-policy:{now:%Y%m%dT%H%M%S.%f}"
    outbox.announce(_event(_About(subject_kind, brief, what, None), what, urgency, key), people, now=now)
    return f"Told {lead}, lead of the owning team." if lead else _said(people)


@dataclass(frozen=True, slots=True)
class _About:
    subject_kind: str
    brief: Brief
    happened: str
    run: int | None


def _event(about: _About, what: str, urgency: Urgency, key: str) -> Announcement:
    brief = about.brief
    return Announcement(
        key=key,
        kind=page_kind(about.subject_kind),
        urgency=urgency,
        subject=f"{brief.severity} {brief.ref}: {what} ({brief.title})"[:200],
        body="\n".join([*([brief.body] if brief.body else []), f"{about.happened}.", _DO]),
        url=brief.url,
        about_kind=about.subject_kind,
        about_ref=brief.ref,
        data={
            "severity": brief.severity,
            **({"run": about.run} if about.run is not None else {}),
            **({"action": brief.action} if brief.action else {}),
        },
    )


def _said(people: list[User]) -> str:
    if not people:
        return "There is no active lead or administrator to tell either."
    return f"Told the leads and administrators: {', '.join(map(str, people))}."


_DO = "Please take it, or find somebody who can: acknowledge it, or assign it."
_URGENT = (Severity.SEV1, Severity.SEV2)
