"""For a while somebody else: writing overrides and taking them back."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from accounts.domain.audit import record
from accounts.models import User
from core.errors import IllegalState, Invalid
from core.types import Actor
from core.zones import to_local
from rotas.domain.covering import touch
from rotas.domain.words import what_it_does
from rotas.models import Override, Rota
from rotas.rules import can_be_on_call

LONGEST: Final = timedelta(days=366)


@transaction.atomic
def add_override(
    rota: Rota,
    *,
    starts_at: datetime,
    ends_at: datetime,
    user: User | None,
    replaces: User | None,
    actor: Actor,
    now: datetime,
    reason: str = "",
    takes_over: bool = False,
) -> Override:
    """`user` covers `replaces`, is added to whoever is on call (no `replaces`), or `replaces` is away (no `user`).

    With `takes_over` the user is on call alone, whoever was.

    Raises Invalid, with the fields at fault, for an empty or backward stretch, one that is past, one longer
    than a year, and for people who can't be on call.
    """
    check_override(starts_at, ends_at, user, replaces, now, takes_over=takes_over)
    override = Override.objects.create(
        rota=rota,
        starts_at=starts_at,
        ends_at=ends_at,
        user=user,
        replaces=replaces,
        takes_over=takes_over,
        reason=reason.strip()[:160],
        created_by=actor.user if isinstance(actor.user, User) else None,
        created_at=now,
    )
    _record("rota.override_added", override, actor, now)
    touch([rota.pk], max(starts_at, now), now)
    return override


@transaction.atomic
def remove_override(override: Override, *, actor: Actor, now: datetime) -> Override | None:
    """Take an override back: one that has begun ends now (and is returned), one to come is gone (None).

    Raises IllegalState for one that is over: what was, stays.
    """
    # the rota first, as for all that changes who is on call
    Rota.objects.select_for_update(no_key=True).filter(pk=override.rota_id).first()
    locked = Override.objects.select_for_update(of=("self",)).select_related("rota", "user", "replaces")
    found = locked.filter(pk=override.pk).first()
    if found is None:
        return None
    if found.ends_at <= now:
        raise IllegalState("This override is over. What was, stays on record.", code="override_over")
    _record("rota.override_removed", found, actor, now)
    touch([found.rota_id], max(found.starts_at, now), now)
    if found.starts_at < now:
        found.ends_at = now
        found.save(update_fields=["ends_at"])
        return found
    found.delete()
    return None


def check_override(
    starts_at: datetime,
    ends_at: datetime,
    user: User | None,
    replaces: User | None,
    now: datetime,
    *,
    takes_over: bool,
) -> None:
    """Raises Invalid as `add_override` does, and stores nothing."""
    faults: dict[str, str] = {}
    if user is None and replaces is None:
        faults["user"] = "Say who covers, who is away, or both."
    elif takes_over and (user is None or replaces is not None):
        faults["user"] = "Say who takes over; nobody in particular is replaced."
    elif user == replaces:
        faults["user"] = "Nobody covers themselves."
    elif user is not None and not can_be_on_call(user):
        faults["user"] = f"{user} can't be on call: only active people of the support organisation can."
    if ends_at <= starts_at:
        faults["ends_at"] = "Must be after the start."
    elif ends_at <= now:
        faults["ends_at"] = "This is past; an override changes what is to come."
    elif ends_at - starts_at > LONGEST:
        faults["ends_at"] = "At most a year. Change the layer for good instead."
    if faults:
        raise Invalid(" ".join(faults.values()), fields=faults)


def _record(action: str, override: Override, actor: Actor, now: datetime) -> None:
    rota = override.rota
    record(
        action,
        actor=actor,
        now=now,
        subject_kind="rota",
        subject_id=rota.pk,
        subject_name=rota.name,
        detail={
            "override": override.pk,
            "says": what_it_does(override),
            "starts_at": override.starts_at.isoformat(),
            "ends_at": override.ends_at.isoformat(),
            "local": f"{to_local(override.starts_at, rota.zone):%Y-%m-%d %H:%M} to "
            f"{to_local(override.ends_at, rota.zone):%Y-%m-%d %H:%M} {rota.zone}",
            "reason": override.reason,
        },
    )
