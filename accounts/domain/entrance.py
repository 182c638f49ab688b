"""Signing in, staying in, being thrown out: what happens around the password."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from accounts.domain import throttle
from accounts.domain.audit import record
from accounts.models import User
from core.types import Actor, person


@dataclass(frozen=True, slots=True)
class Door:
    """Where a sign-in comes from: the e-mail as typed, and the caller's address."""

    email: str
    address: str | None


def let_in(user: User, door: Door, *, now: datetime) -> None:
    """The password was right: forget the account's wrong tries and write it down."""
    throttle.clear(door.email, door.address)
    _tell("account.sign_in", user, door, now=now, detail={"by": "password"})


def turn_away(door: Door, verdict: throttle.Verdict, *, now: datetime) -> datetime | None:
    """The password was wrong, or the account unknown or closed: the trail says so, the caller can't tell.

    When the try was the last one, until when it is locked now. What a stranger typed as e-mail isn't
    kept, because people type passwords there.
    """
    user = User.objects.filter(email__iexact=door.email.strip()[:254]).first()
    _tell("account.sign_in_failed", user, door, now=now)
    for key in verdict.locks_now:
        _tell("account.locked", user, door, now=now, detail={"by": key.split(":")[0]})
    return now + throttle.window() if verdict.locks_now else None


def leave(user: User, *, address: str | None, now: datetime) -> None:
    """Write a sign-out down."""
    _tell("account.sign_out", user, Door(user.email, address), now=now)


def end_sessions(user: User, *, actor: Actor, now: datetime) -> int:
    """Sign `user` out of every browser; how many there were. Tokens stay.

    Sessions name their person only inside their sealed text, so all live ones are opened.
    """
    mine = [
        session.session_key
        for session in Session.objects.filter(expire_date__gt=now).iterator(chunk_size=500)
        if session.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]
    ended: int = Session.objects.filter(session_key__in=mine).delete()[0]
    record(
        "account.sessions_ended",
        actor=actor,
        now=now,
        subject_kind="user",
        subject_id=user.pk,
        subject_name=str(user),
        detail={"sessions": ended},
    )
    return ended


def _tell(
    action: str, user: User | None, door: Door, *, now: datetime, detail: dict[str, str] | None = None
) -> None:
    known = action in {"account.sign_in", "account.sign_out"}
    record(
        action,
        actor=person(user, address=door.address)
        if user and known
        else Actor(kind="person", name="Somebody", address=door.address),
        now=now,
        subject_kind="user",
        subject_id=user.pk if user else "",
        subject_name=str(user) if user else "unknown account",
        detail=detail,
    )
