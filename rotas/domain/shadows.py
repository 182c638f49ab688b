"""People in training beside whoever is on call: entered, taken back, told when it begins. They never count as cover."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from accounts.domain.audit import record
from accounts.models import User
from core.errors import IllegalState, Invalid
from core.types import Actor
from core.zones import to_local
from rotas.choices import ShadowKind
from rotas.domain.covering import SOON
from rotas.domain.telling import SHIFT_BEGINS, SHIFT_SOON, tell_shadow, tell_shadow_begins
from rotas.models import Rota, Shadow
from rotas.rules import can_be_on_call
from rotas.types import Stretch

LONGEST: Final = timedelta(days=366)
# What began longer ago than this is not news any more.
STALE: Final = timedelta(minutes=30)


@transaction.atomic
def enter_shadow(
    rota: Rota,
    user: User,
    *,
    kind: str = ShadowKind.SHADOW,
    starts_at: datetime,
    ends_at: datetime,
    actor: Actor,
    now: datetime,
) -> Shadow:
    """`user` learns beside whoever is on call from `starts_at` to `ends_at` (UTC, half-open), and hears so.

    Raises Invalid, with the fields at fault, for an empty or backward stretch, one that is over, one longer than a year, for
    who can't be on call, and where they are in training on this rota then already; IllegalState for a retired rota.
    """
    # one after the other, so that two at once don't overlap
    rota = Rota.objects.select_for_update(no_key=True).get(pk=rota.pk)
    if not rota.is_active:
        raise IllegalState("The rota is retired: nobody is on call to learn from.", code="rota_retired")
    _check(rota, user, kind, (starts_at, ends_at), now)
    shadow = Shadow.objects.create(
        rota=rota,
        user=user,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        created_by=actor.user if isinstance(actor.user, User) else None,
        created_at=now,
        next_at=_first_news(starts_at, now),
    )
    _record("rota.shadow_entered", shadow, actor, now)
    tell_shadow(shadow, actor=actor, now=now)
    return shadow


@transaction.atomic
def take_back_shadow(shadow: Shadow, *, actor: Actor, now: datetime) -> Shadow | None:
    """Take it back: one that has begun ends now (and is returned), one to come is gone (None), and its person hears so.

    Raises IllegalState for one that is over: what was, stays.
    """
    Rota.objects.select_for_update(no_key=True).filter(pk=shadow.rota_id).first()
    rows = Shadow.objects.select_for_update(of=("self",)).select_related("rota", "user__site", "created_by")
    found = rows.filter(pk=shadow.pk).first()
    if found is None:
        return None
    if found.ends_at <= now:
        raise IllegalState("This training is over. What was, stays on record.", code="shadow_over")
    _record("rota.shadow_taken_back", found, actor, now)
    tell_shadow(found, taken_back=True, actor=actor, now=now)
    if found.starts_at < now:
        found.ends_at, found.next_at = now, None
        found.save(update_fields=["ends_at", "next_at"])
        return found
    found.delete()
    return None


@transaction.atomic
def tick(now: datetime, limit: int = 100) -> int:
    """Tell those whose time in training begins soon, or has begun; how many rows were due."""
    due = Shadow.objects.select_for_update(skip_locked=True, of=("self",)).filter(next_at__lte=now)
    rows = list(due.select_related("rota", "user__site").order_by("next_at", "pk")[:limit])
    for row in rows:
        begun = row.starts_at <= now
        if can_be_on_call(row.user) and row.rota.is_active and now - row.starts_at < STALE:
            tell_shadow_begins(SHIFT_BEGINS if begun else SHIFT_SOON, row, now=now)
        row.next_at = None if begun else row.starts_at
    Shadow.objects.bulk_update(rows, ["next_at"])
    return len(rows)


def _first_news(starts_at: datetime, now: datetime) -> datetime | None:
    """When they hear of it after that it was entered: an hour before, else when it begins, else no more."""
    if starts_at <= now:
        return None
    return starts_at - SOON if starts_at - SOON > now else starts_at


def _check(rota: Rota, user: User, kind: str, when: Stretch, now: datetime) -> None:
    starts_at, ends_at = when
    faults: dict[str, str] = {}
    if kind not in ShadowKind.values:
        faults["kind"] = "Shadow, or reverse shadow."
    if not can_be_on_call(user):
        faults["user"] = f"{user} can't be on call: only active people of the support organisation can."
    if ends_at <= starts_at:
        faults["ends_at"] = "Must be after the start."
    elif ends_at <= now:
        faults["ends_at"] = "This is past; training is to come."
    elif ends_at - starts_at > LONGEST:
        faults["ends_at"] = "At most a year."
    elif Shadow.objects.filter(rota=rota, user=user, starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
        faults["user"] = f"{user} is in training on {rota} then already."
    if faults:
        raise Invalid(" ".join(faults.values()), fields=faults)


def _record(action: str, shadow: Shadow, actor: Actor, now: datetime) -> None:
    rota = shadow.rota
    record(
        action,
        actor=actor,
        now=now,
        subject_kind="rota",
        subject_id=rota.pk,
        subject_name=rota.name,
        detail={
            "shadow": shadow.pk,
            "user": str(shadow.user),
            "kind": shadow.kind,
            "starts_at": shadow.starts_at.isoformat(),
            "ends_at": shadow.ends_at.isoformat(),
            "local": f"{to_local(shadow.starts_at, rota.zone):%Y-%m-%d %H:%M} to "
            f"{to_local(shadow.ends_at, rota.zone):%Y-%m-%d %H:%M} {rota.zone}",
        },
    )
