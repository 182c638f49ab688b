"""Swaps: a shift is offered, to somebody or to all of the rota, and taken; perhaps for another one in exchange.

All or nothing: who gives is on call throughout what is given, and who takes isn't on call of that rota meanwhile. Both are
looked at when it is offered and again when it is taken.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from accounts.domain.audit import record
from accounts.models import User
from core.errors import IllegalState, Invalid, NotAllowed
from core.types import SYSTEM, Actor, person
from core.zones import to_local
from rotas.choices import SwapState
from rotas.domain.overrides import add_override, remove_override
from rotas.domain.telling import tell_about_swap
from rotas.models import Override, Rota, Swap
from rotas.queries.oncall import Plan, plans
from rotas.rules import can_be_on_call, can_plan
from rotas.types import Stretch

OPEN_FOR: Final = timedelta(hours=48)
LONGEST: Final = timedelta(days=31)


@transaction.atomic
def offer_swap(
    rota: Rota,
    giver: User,
    *,
    starts_at: datetime,
    ends_at: datetime,
    taker: User | None = None,
    back: Stretch | None = None,
    expires_at: datetime | None = None,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> Swap:
    """Offer a stretch of one's on-call time (UTC, half-open); `back` is what is wanted of the taker in exchange.

    Open for two days, unless `expires_at` says otherwise, and never longer than until it begins. Raises Invalid, with the
    fields at fault.
    """
    Rota.objects.select_for_update(no_key=True).get(pk=rota.pk)
    swap = draw_up(
        rota,
        giver,
        starts_at=starts_at,
        ends_at=ends_at,
        taker=taker,
        back=back,
        expires_at=expires_at,
        note=note,
        now=now,
    )
    swap.save(force_insert=True)
    _record("swap.offered", swap, actor, now)
    tell_about_swap(swap, to=_asked(swap), actor=actor, now=now)
    return swap


def draw_up(
    rota: Rota,
    giver: User,
    *,
    starts_at: datetime,
    ends_at: datetime,
    taker: User | None = None,
    back: Stretch | None = None,
    expires_at: datetime | None = None,
    note: str = "",
    now: datetime,
) -> Swap:
    """An offer as `offer_swap` would make it, not stored. Raises Invalid as that does."""
    swap = Swap(
        rota=rota,
        giver=giver,
        taker=taker,
        starts_at=starts_at,
        ends_at=ends_at,
        back_starts_at=back[0] if back else None,
        back_ends_at=back[1] if back else None,
        note=note.strip()[:160],
        offered_at=now,
        expires_at=min(expires_at or now + OPEN_FOR, starts_at, *(back[:1] if back else ())),
    )
    _check(swap, now)
    return swap


@transaction.atomic
def accept_swap(swap: Swap, taker: User, *, now: datetime) -> Swap:
    """Take it: from then on the rota says so. Raises NotAllowed for who isn't asked, IllegalState where it can't be taken
    any more, with the reason."""
    found = _locked(swap)
    _still_open(found, now)
    if taker.pk not in {user.pk for user in _asked(found)}:
        raise NotAllowed("This shift was offered to somebody else.", code="not_asked")
    found.taker = taker
    try:
        _check(found, now, but=found.pk)
    except Invalid as error:
        raise IllegalState(f"It can't be taken as it stands: {error.message}", code="swap_stale") from error
    found.override = _override(found, (found.starts_at, found.ends_at), taker, found.giver, now)
    if found.back_starts_at is not None and found.back_ends_at is not None:
        back = found.back_starts_at, found.back_ends_at
        found.back_override = _override(found, back, found.giver, taker, now)
    found.state, found.decided_at = SwapState.ACCEPTED, now
    found.save()
    _record("swap.accepted", found, person(taker), now)
    tell_about_swap(found, to=[found.giver], actor=person(taker), now=now)
    return found


@transaction.atomic
def decline_swap(swap: Swap, user: User, *, now: datetime) -> Swap:
    """Say no to an offer to oneself. Raises NotAllowed for anybody else, IllegalState where it isn't open."""
    found = _locked(swap)
    _still_open(found, now)
    if found.taker_id != user.pk:
        raise NotAllowed("Only whom it was offered to can decline it.", code="not_asked")
    return _end(found, SwapState.DECLINED, person(user), now, tell=[found.giver])


@transaction.atomic
def withdraw_swap(swap: Swap, *, actor: Actor, now: datetime) -> Swap:
    """Take an open offer back. Raises NotAllowed for who is neither its giver nor a lead, IllegalState where it isn't open."""
    found = _locked(swap)
    _still_open(found, now)
    _may(found, actor, {found.giver_id})
    return _end(found, SwapState.WITHDRAWN, actor, now, tell=[found.taker] if found.taker else [])


@transaction.atomic
def undo_swap(swap: Swap, *, actor: Actor, now: datetime) -> Swap:
    """Everybody has their own shifts again. Raises IllegalState once one of them has begun, NotAllowed for who is neither of
    the two nor a lead."""
    found = _locked(swap)
    if found.state != SwapState.ACCEPTED:
        raise IllegalState(f"It is {found.get_state_display().lower()}.", code="swap_not_accepted")
    _may(found, actor, {found.giver_id, found.taker_id})
    if min(filter(None, (found.starts_at, found.back_starts_at))) <= now:
        raise IllegalState(
            "One of the shifts has begun. What was, stays: offer a new swap.", code="swap_begun"
        )
    for override in (found.override, found.back_override):
        if override is not None:
            remove_override(override, actor=actor, now=now)
    found.override = found.back_override = None
    others = [user for user in (found.giver, found.taker) if user is not None and user.pk != actor.user_id]
    return _end(found, SwapState.UNDONE, actor, now, tell=others)


def expire(now: datetime, limit: int = 50) -> int:
    """End offers whose time is over; their givers hear of it. How many."""
    over = Swap.objects.filter(state=SwapState.OFFERED, expires_at__lte=now).order_by("expires_at", "pk")
    done = 0
    for pk in list(over.values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            row = Swap.objects.select_for_update(skip_locked=True, of=("self",))
            found = row.select_related("rota", "giver", "taker").filter(
                pk=pk, state=SwapState.OFFERED, expires_at__lte=now
            )
            if (swap := found.first()) is not None:
                _end(swap, SwapState.EXPIRED, SYSTEM, now, tell=[swap.giver])
                done += 1
    return done


def _locked(swap: Swap) -> Swap:
    """The swap, behind its rota: whatever changes who is on call stands in one line."""
    Rota.objects.select_for_update(no_key=True).get(pk=swap.rota_id)
    rows = Swap.objects.select_for_update(of=("self",))
    return rows.select_related("rota", "giver__site", "taker__site", "override", "back_override").get(
        pk=swap.pk
    )


def _still_open(swap: Swap, now: datetime) -> None:
    if swap.state == SwapState.OFFERED and swap.expires_at <= now:
        raise IllegalState("The offer has expired.", code="swap_expired")
    if swap.state != SwapState.OFFERED:
        raise IllegalState(f"The offer is {swap.get_state_display().lower()} already.", code="swap_closed")


def _may(swap: Swap, actor: Actor, keys: Collection[int | None]) -> None:
    user = actor.user
    if isinstance(user, User) and (user.pk in keys or can_plan(user)):
        return
    raise NotAllowed("Only the two of a swap, and leads, can do that.", code="not_theirs")


def _asked(swap: Swap) -> list[User]:
    """To whom it is offered: somebody, or everybody else who takes turns in the rota."""
    if swap.taker is not None:
        return [swap.taker]
    plan = plans([swap.rota], swap.starts_at, swap.ends_at)[0]
    keys = {key for layer in plan.layers for group in layer.groups for key in group}
    return [plan.people[key] for key in sorted(keys - {swap.giver_id})]


def _check(swap: Swap, now: datetime, *, but: int | None = None) -> None:
    faults = _faults(swap, now)
    if not faults:
        stretches = [(swap.starts_at, swap.ends_at)]
        if swap.back_starts_at is not None and swap.back_ends_at is not None:
            stretches.append((swap.back_starts_at, swap.back_ends_at))
        plan = plans([swap.rota], min(start for start, _ in stretches), max(end for _, end in stretches))[0]
        _is_theirs(swap, plan, faults)
        if _meets_other_offers(swap, but):
            faults["starts_at"] = f"{swap.giver} has offered some of this already. Withdraw that offer first."
    if faults:
        raise Invalid(" ".join(faults.values()), fields=faults)


def _faults(swap: Swap, now: datetime) -> dict[str, str]:
    faults: dict[str, str] = {}
    if swap.ends_at <= swap.starts_at:
        faults["ends_at"] = "Must be after the start."
    elif swap.starts_at <= now:
        faults["starts_at"] = "It has begun. Ask a lead for an override instead."
    elif swap.ends_at - swap.starts_at > LONGEST:
        faults["ends_at"] = "At most a month at a time."
    if swap.expires_at <= now and not faults:
        faults["expires_at"] = "The offer must be open for a while, and until it begins at the latest."
    if swap.taker is not None and swap.taker == swap.giver:
        faults["taker"] = "Nobody swaps with themselves."
    elif swap.taker is not None and not can_be_on_call(swap.taker):
        faults["taker"] = f"{swap.taker} can't be on call."
    return {**faults, **_back_faults(swap, now)}


def _back_faults(swap: Swap, now: datetime) -> dict[str, str]:
    start, end = swap.back_starts_at, swap.back_ends_at
    if start is None or end is None:
        return {}
    if swap.taker is None:
        return {"taker": "Say with whom, to name a shift in exchange."}
    if end <= start or start <= now:
        return {"back_starts_at": "The shift in exchange lies ahead, and ends after it starts."}
    if start < swap.ends_at and end > swap.starts_at:
        return {"back_starts_at": "The two shifts overlap."}
    return {}


def _is_theirs(swap: Swap, plan: Plan, faults: dict[str, str]) -> None:
    """The giver is on call throughout, the taker not at all; in exchange the other way round."""
    if not _throughout(plan, swap.giver_id, swap.starts_at, swap.ends_at):
        faults["starts_at"] = f"{swap.giver} isn't on call of {swap.rota} for all of that time."
    if swap.taker is not None and _ever(plan, swap.taker.pk, swap.starts_at, swap.ends_at):
        faults["taker"] = f"{swap.taker} is on call of {swap.rota} then already."
    if swap.taker is None or swap.back_starts_at is None or swap.back_ends_at is None:
        return
    if not _throughout(plan, swap.taker.pk, swap.back_starts_at, swap.back_ends_at):
        faults["back_starts_at"] = f"{swap.taker} isn't on call of {swap.rota} for all of that time."
    elif _ever(plan, swap.giver_id, swap.back_starts_at, swap.back_ends_at):
        faults["back_starts_at"] = f"{swap.giver} is on call of {swap.rota} then already."


def _throughout(plan: Plan, key: int, start: datetime, end: datetime) -> bool:
    return all(key in shift.people for shift in plan.shifts(start, end))


def _ever(plan: Plan, key: int, start: datetime, end: datetime) -> bool:
    return any(key in shift.people for shift in plan.shifts(start, end))


def _meets_other_offers(swap: Swap, but: int | None) -> bool:
    others = Swap.objects.filter(
        rota=swap.rota,
        giver=swap.giver,
        state=SwapState.OFFERED,
        starts_at__lt=swap.ends_at,
        ends_at__gt=swap.starts_at,
    )
    return others.exclude(pk=but).exists() if but is not None else others.exists()


def _override(swap: Swap, when: Stretch, user: User, replaces: User, now: datetime) -> Override:
    return add_override(
        swap.rota,
        starts_at=when[0],
        ends_at=when[1],
        user=user,
        replaces=replaces,
        actor=person(user),
        now=now,
        reason=f"swap{': ' + swap.note if swap.note else ''}",
    )


def _end(swap: Swap, state: SwapState, actor: Actor, now: datetime, *, tell: Collection[User]) -> Swap:
    swap.state, swap.decided_at = state, now
    swap.save()
    _record(f"swap.{state}", swap, actor, now)
    tell_about_swap(swap, to=list(tell), actor=actor, now=now)
    return swap


def _record(action: str, swap: Swap, actor: Actor, now: datetime) -> None:
    zone = swap.rota.zone
    record(
        action,
        actor=actor,
        now=now,
        subject_kind="rota",
        subject_id=swap.rota_id,
        subject_name=swap.rota.name,
        detail={
            "swap": swap.pk,
            "giver": str(swap.giver),
            "taker": str(swap.taker or ""),
            "local": f"{to_local(swap.starts_at, zone):%Y-%m-%d %H:%M} to {to_local(swap.ends_at, zone):%Y-%m-%d %H:%M} {zone}",
            "note": swap.note,
        },
    )
