"""Which optional kinds of messages somebody does without."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.domain.audit import record
from accounts.models import User
from core.errors import Invalid
from core.types import Actor
from notifications import kinds
from notifications.models import MutedKind


def muted_by(user: User) -> set[str]:
    """The kinds that this person does without. One query."""
    return set(MutedKind.objects.filter(user=user).values_list("kind", flat=True))


@transaction.atomic
def mute(user: User, without: Collection[str], *, actor: Actor, now: datetime) -> None:
    """From now on this person hears of every optional kind but these. Raises Invalid for kinds that are not optional."""
    unknown = [key for key in without if not kinds.is_optional(key)]
    if unknown:
        raise Invalid("Messages of that kind always come.", fields={"without": f"{unknown[0][:40]}"})
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    before = muted_by(user)
    if before == set(without):
        return
    MutedKind.objects.filter(user=user).exclude(kind__in=without).delete()
    MutedKind.objects.bulk_create(MutedKind(user=user, kind=key) for key in sorted(set(without) - before))
    record(
        "account.muted_kinds",
        actor=actor,
        now=now,
        subject_kind="user",
        subject_id=user.pk,
        subject_name=str(user),
        detail={"before": sorted(before), "after": sorted(without)},
    )
