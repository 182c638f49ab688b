"""The last beats every verb shares: save the changed fields, grow the version, nudge on commit."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.models import User
from core import nudge
from core.search import vector
from core.types import Actor
from incidents.choices import ACKNOWLEDGE_BY_LINK, CALLS
from incidents.domain.timeline import LINE_FIELDS
from incidents.models import Incident
from incidents.rules import can_work, can_write
from notifications.domain.outbox import announce
from notifications.types import Announcement


def save(incident: Incident, fields: Iterable[str]) -> None:
    """Save `fields` with the last line and a grown version, then wake what may now have work."""
    incident.version += 1
    incident.save(update_fields=sorted({*fields, *LINE_FIELDS, "version"}))
    transaction.on_commit(lambda: nudge.send("notifications.tasks.deliver"), robust=True)


def index(incident: Incident) -> None:
    """Refresh the search column from the words people look for."""
    Incident.objects.filter(pk=incident.pk).update(search=vector(*found_by(incident)))


def found_by(incident: Incident) -> tuple[str, ...]:
    """The texts that an incident is found by. It has its key already."""
    service = incident.service
    return (
        incident.ref, incident.title, service.slug, service.name, service.client_name, incident.summary,
    )  # fmt: skip


def tell(
    incident: Incident,
    people: Iterable[User | None],
    what: str,
    *,
    kind: str,
    key: str,
    actor: Actor,
    now: datetime,
    urgent: bool = False,
    outside: bool = False,
) -> None:
    """Put a message for `people` into the outbox; never to the one who acted, nor to who works no incidents any more.

    With `outside` also to those of other parties: the caller knows that they may see the incident.
    """
    others = [
        person
        for person in people
        if person is not None
        and person.pk != actor.user_id
        and (can_work(person) or (outside and can_write(person)))
    ]
    if not others:
        return
    announce(
        Announcement(
            key=key,
            kind=kind,
            urgency="urgent" if urgent else "ordinary",
            subject=f"{incident.severity} {incident.ref}: {what}"[:200],
            body=incident.title,
            url=f"/incidents/{incident.ref}/",
            about_kind="incident",
            about_ref=incident.ref,
            # delivery lets no SEV1 wait for its turn: it has to know
            data={
                "severity": incident.severity,
                **({"action": ACKNOWLEDGE_BY_LINK} if kind in CALLS else {}),
            },
        ),
        others,
        now=now,
    )
