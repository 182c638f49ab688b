"""Who hears of a hand-over, and when: rows with a due time, like all that happens later.

A draft, and what was published and waits to be accepted, is reminded of once; then whoever looks after the rota hears.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.models import User
from core.types import Actor
from notifications.choices import Urgency
from notifications.domain import outbox
from notifications.types import Announcement
from rotas.choices import HandoverState
from rotas.domain.handovers import REMIND_AFTER, TELL_AFTER
from rotas.domain.telling import HANDOVER, moment
from rotas.models import Handover
from rotas.rules import can_be_on_call

ABOUT = "handover"


def tick(now: datetime, limit: int = 50) -> int:
    """Remind of hand-overs that are due; how many."""
    due = Handover.objects.filter(next_at__lte=now).order_by("next_at", "pk")
    return sum(_remind(pk, now) for pk in list(due.values_list("pk", flat=True)[:limit]))


def tell_published(handover: Handover, *, actor: Actor, now: datetime) -> None:
    """Those who come hear that it waits for them."""
    people = [user for user in handover.incoming.all() if user.pk != actor.user_id]
    _tell(handover, people, "published", f"Hand-over of {handover.rota.name} to accept", now)


def call_back(handover: Handover, *, now: datetime) -> None:
    """What is not sent yet about an earlier state of it is not sent any more; what lies in the inbox stays."""
    outbox.cancel_about(ABOUT, str(handover.pk), now=now, reason="it went on meanwhile", keep_inbox=True)


@transaction.atomic
def _remind(pk: int, now: datetime) -> int:
    """One step of the ladder; 0 where somebody else does it, or it is not due any more."""
    rows = Handover.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk, next_at__lte=now)
    found = rows.select_related("rota__team__lead__site", "rota__owner__site").first()
    if found is None:
        return 0
    is_draft = found.state == HandoverState.DRAFT
    began = found.drafted_at if is_draft or found.published_at is None else found.published_at
    is_first = found.next_at is not None and found.next_at < began + TELL_AFTER
    name = found.rota.name
    if is_first:
        side = found.outgoing if is_draft else found.incoming
        words = f"Hand-over of {name} to {'publish' if is_draft else 'accept'}"
        _tell(found, side.all(), f"{found.state}:{REMIND_AFTER.seconds}", words, now)
    else:
        owner = found.rota.owner or found.rota.team.lead
        words = f"Hand-over of {name} is not {'published' if is_draft else 'accepted'}"
        _tell(found, [owner] if owner else [], f"{found.state}:{TELL_AFTER.seconds}", words, now)
    found.next_at = began + TELL_AFTER if is_first else None
    found.save(update_fields=["next_at"])
    return 1


def _tell(handover: Handover, people: Iterable[User], step: str, subject: str, now: datetime) -> None:
    who = f"From {_names(handover.outgoing.all())} to {_names(handover.incoming.all())}"
    for user in filter(can_be_on_call, people):
        outbox.announce(
            Announcement(
                key=f"handover:{handover.pk}:{step}",
                kind=HANDOVER,
                urgency=Urgency.ORDINARY,
                subject=subject[:200],
                body=f"{who}, {moment(handover.at, user.zone)}.",
                url=f"/rotas/handovers/{handover.pk}/",
                about_kind=ABOUT,
                about_ref=str(handover.pk),
                data={"story": f"handover:{handover.pk}"},
            ),
            [user],
            now=now,
        )


def _names(people: Iterable[User]) -> str:
    return ", ".join(str(user) for user in people)
