"""Leave: asked for, decided, taken back. It changes no rota; where it meets a shift, both sides are warned."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from accounts.domain.audit import record
from accounts.models import User
from core.errors import IllegalState, Invalid
from core.types import Actor
from core.zones import to_local
from rotas.choices import LeaveKind, LeaveState
from rotas.domain.telling import tell_about_leave
from rotas.models import Leave
from rotas.rules import can_be_on_call, can_plan

LONGEST: Final = timedelta(days=366)
_OPEN: Final = (LeaveState.ASKED, LeaveState.APPROVED)


@transaction.atomic
def ask_leave(
    user: User,
    *,
    starts_at: datetime,
    ends_at: datetime,
    kind: str = LeaveKind.HOLIDAY,
    note: str = "",
    uid: str = "",
    actor: Actor,
    now: datetime,
) -> Leave:
    """Ask for leave from `starts_at` to `ends_at` (UTC, half-open); a lead's own, or what a lead enters, is approved at once.

    `uid` names the event of an imported calendar that it comes from.

    Raises Invalid, with the fields at fault, for an empty or backward stretch, one that is over, one longer than a year, and
    one that meets other leave of this person.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    _check(user, starts_at, ends_at, kind, now)
    by_lead = isinstance(actor.user, User) and can_plan(actor.user)
    leave = Leave.objects.create(
        user=user,
        kind=kind,
        state=LeaveState.APPROVED if by_lead else LeaveState.ASKED,
        starts_at=starts_at,
        ends_at=ends_at,
        note=note.strip()[:160],
        asked_at=now,
        decided_at=now if by_lead else None,
        decided_by=actor.user if by_lead and isinstance(actor.user, User) else None,
        uid=uid,
    )
    _record("leave.asked", leave, actor, now)
    tell_about_leave(leave, actor=actor, now=now)
    return leave


@transaction.atomic
def move_leave(
    leave: Leave, *, starts_at: datetime, ends_at: datetime, note: str, actor: Actor, now: datetime
) -> Leave:
    """Other times for leave that was imported (UTC, half-open): it is asked for anew, and approved at once where a lead moves
    it. Raises Invalid as `ask_leave` does; nothing changes then."""
    found = _locked(leave)
    _check(found.user, starts_at, ends_at, found.kind, now, but=found)
    lead = actor.user if isinstance(actor.user, User) and can_plan(actor.user) else None
    found.starts_at, found.ends_at, found.note = starts_at, ends_at, note.strip()[:160]
    found.state = LeaveState.APPROVED if lead else LeaveState.ASKED
    found.asked_at, found.decided_at, found.decided_by = now, now if lead else None, lead
    found.save(
        update_fields=["starts_at", "ends_at", "note", "state", "asked_at", "decided_at", "decided_by"]
    )
    _record("leave.moved", found, actor, now)
    tell_about_leave(found, actor=actor, now=now)
    return found


@transaction.atomic
def decide_leave(leave: Leave, *, approve: bool, actor: Actor, now: datetime) -> Leave:
    """Approve or decline what was asked for; its person hears of it. Raises IllegalState where it is decided already."""
    found = _locked(leave)
    if found.state != LeaveState.ASKED:
        raise IllegalState(f"It is {found.get_state_display().lower()} already.", code="leave_decided")
    found.state = LeaveState.APPROVED if approve else LeaveState.DECLINED
    found.decided_at, found.decided_by = now, actor.user if isinstance(actor.user, User) else None
    found.save(update_fields=["state", "decided_at", "decided_by"])
    _record("leave.approved" if approve else "leave.declined", found, actor, now)
    tell_about_leave(found, actor=actor, now=now)
    return found


@transaction.atomic
def withdraw_leave(leave: Leave, *, actor: Actor, now: datetime) -> Leave:
    """Take it back: what is over stays, what runs ends now. Raises IllegalState for leave that is over, or isn't open."""
    found = _locked(leave)
    if found.state not in _OPEN:
        raise IllegalState(f"It is {found.get_state_display().lower()} already.", code="leave_decided")
    if found.ends_at <= now:
        raise IllegalState("This leave is over. What was, stays on record.", code="leave_over")
    if found.starts_at < now and found.state == LeaveState.APPROVED:
        found.ends_at = now
    else:
        found.state = LeaveState.WITHDRAWN
    found.save(update_fields=["state", "ends_at"])
    _record("leave.withdrawn", found, actor, now)
    return found


def _locked(leave: Leave) -> Leave:
    return Leave.objects.select_for_update(of=("self",)).select_related("user__site").get(pk=leave.pk)


def _check(
    user: User,
    starts_at: datetime,
    ends_at: datetime,
    kind: str,
    now: datetime,
    *,
    but: Leave | None = None,
) -> None:
    faults: dict[str, str] = {}
    if not can_be_on_call(user):
        faults["user"] = f"{user} is never on call: leave counts only for people who can be."
    if kind not in LeaveKind.values:
        faults["kind"] = f"One of {', '.join(LeaveKind.values)}."
    if ends_at <= starts_at:
        faults["ends_at"] = "Must be after the start."
    elif ends_at <= now:
        faults["ends_at"] = "This is past."
    elif ends_at - starts_at > LONGEST:
        faults["ends_at"] = "At most a year."
    else:
        others = Leave.objects.filter(
            user=user, state__in=_OPEN, starts_at__lt=ends_at, ends_at__gt=starts_at
        ).exclude(pk=but.pk if but else 0)
        if (other := others.first()) is not None:
            faults["starts_at"] = f"It meets other leave of {user}: {_span(other)}."
    if faults:
        raise Invalid(" ".join(faults.values()), fields=faults)


def _span(leave: Leave) -> str:
    zone = leave.user.zone
    start, end = to_local(leave.starts_at, zone), to_local(leave.ends_at, zone)
    return f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} {zone}"


def _record(action: str, leave: Leave, actor: Actor, now: datetime) -> None:
    record(
        action,
        actor=actor,
        now=now,
        subject_kind="leave",
        subject_id=leave.pk,
        subject_name=str(leave.user),
        detail={"kind": leave.kind, "span": _span(leave), "state": leave.state, "note": leave.note},
    )
