"""Private calendar addresses: made, read without a sign-in, revoked. The secret is told once; only its SHA-256 is kept."""

import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.domain import throttle
from accounts.domain.audit import record
from accounts.models import User
from core.crypto import digest
from core.errors import IllegalState, NotAllowed, Refused
from core.types import Actor
from rotas.models import Feed, Rota
from rotas.rules import can_see_rotas

READ_AGAIN: Final = timedelta(minutes=1)


class NoFeed(Refused):
    """The address leads nowhere (404), or too many wrong ones came from there (429)."""

    status = 404
    default_code = "no_feed"

    def __init__(self, message: str, *, status: int = 404, code: str = "") -> None:
        super().__init__(message, code=code)
        self.status = status


@transaction.atomic
def begin_feed(user: User, rota: Rota | None, *, actor: Actor, now: datetime) -> tuple[Feed, str]:
    """An address of the person's own shifts (no rota), or of a rota, with its secret, which nobody can ask for again.

    Raises NotAllowed for who may not see rotas, IllegalState where one is there already: it is revoked first.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not (user.is_active and can_see_rotas(user)):
        raise NotAllowed(_("You see no rotas, so there is no calendar of them."))
    if living_feed(user, rota) is not None:
        raise IllegalState(_("There is an address already. Revoke it, then make another."), code="feed_there")
    secret = secrets.token_urlsafe(32)
    feed = Feed.objects.create(user=user, rota=rota, digest=digest(secret), created_at=now)
    _record("feed.begun", feed, actor, now)
    return feed, secret


@transaction.atomic
def revoke_feed(feed: Feed, *, actor: Actor, now: datetime) -> bool:
    """The address leads nowhere from now on. False where it was revoked before (nothing changes then)."""
    if Feed.objects.filter(pk=feed.pk, revoked_at=None).update(revoked_at=now) == 0:
        return False
    feed.revoked_at = now
    _record("feed.revoked", feed, actor, now)
    return True


def living_feed(user: User, rota: Rota | None) -> Feed | None:
    """The person's address of this rota, or of their own shifts; None where there is none."""
    return Feed.objects.filter(user=user, rota=rota, revoked_at=None).first()


def open_feed(secret: str, *, address: str | None, now: datetime) -> Feed:
    """The feed behind a secret, found by its digest, so that no time taken tells of secrets that are near.

    Raises NoFeed for an unknown or revoked one, and for one whose owner is deactivated or sees no rotas any more. Unknown ones
    are counted by `address`, as wrong signed links are; a right one is never refused for what others did.
    """
    feed = Feed.objects.select_related("user__site", "rota").filter(digest=digest(secret)).first()
    if feed is None and throttle.wrong_link(address, now=now):
        raise NoFeed(
            _("Too many wrong addresses came from yours. Try again later."), status=429, code="locked"
        )
    if feed is None or feed.revoked_at is not None or not feed.user.is_active or not can_see_rotas(feed.user):
        raise NoFeed(_("There is no calendar at this address (any more)."))
    return feed


def note_read(feed: Feed, now: datetime) -> None:
    """That a calendar program has read it; written once a minute at most."""
    if feed.last_read_at is not None and feed.last_read_at > now - READ_AGAIN:
        return
    due = Q(last_read_at=None) | Q(last_read_at__lte=now - READ_AGAIN)
    Feed.objects.filter(due, pk=feed.pk).update(last_read_at=now)


def _record(action: str, feed: Feed, actor: Actor, now: datetime) -> None:
    record(
        action,
        actor=actor,
        now=now,
        subject_kind="feed",
        subject_id=feed.pk,
        subject_name=str(feed),
        detail={"rota": feed.rota.slug if feed.rota else None, "user": feed.user_id},
    )
