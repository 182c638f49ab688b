"""When nobody is left to call: the leads and administrators hear of it, so that a person decides."""

from datetime import datetime

from accounts.choices import Role
from accounts.models import User
from notifications.choices import Urgency
from notifications.domain import outbox
from notifications.types import Announcement
from rotas.domain.words import page_kind
from rotas.models import EscalationRun
from rotas.subjects import Brief


def tell(run: EscalationRun, brief: Brief, what: str, *, now: datetime) -> str:
    """An urgent message to every active lead and administrator, once for a run and `what` has happened.

    Returns who was told, as a sentence for the timeline. An acknowledgement calls the message back like a page.
    """
    people = list(
        User.objects.filter(is_active=True, role__in=[Role.LEAD, Role.ADMINISTRATOR]).order_by("name", "pk")
    )
    if not people:
        return "There is no active lead or administrator to tell either."
    outbox.announce(
        Announcement(
            key=f"run:{run.pk}:{what}",
            kind=page_kind(run.subject_kind),
            urgency=Urgency.URGENT,
            subject=f"{brief.severity} {brief.ref}: {what} ({brief.title})"[:200],
            body="\n".join([*([brief.body] if brief.body else []), f"{run.policy_name}: {what}.", _DO]),
            url=brief.url,
            about_kind=run.subject_kind,
            about_ref=brief.ref,
            data={
                "severity": brief.severity,
                "run": run.pk,
                **({"action": brief.action} if brief.action else {}),
            },
        ),
        people,
        now=now,
    )
    return f"Told the leads and administrators: {', '.join(map(str, people))}."


_DO = "Please take it, or find somebody who can: acknowledge it, or assign it."
