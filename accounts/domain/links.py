"""One-time ways in. Only the link's SHA-256 is kept; it works once and for half an hour."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts.choices import Role
from accounts.domain import throttle
from accounts.domain.audit import record
from accounts.models import LoginLink, User
from core.crypto import digest
from core.errors import IllegalState, NotAllowed
from core.types import SYSTEM, Actor, person

LIFE = timedelta(minutes=30)


def make_link(user: User, *, now: datetime, actor: Actor = SYSTEM) -> str:
    """A new link's secret part, told once. Raises NotAllowed for accounts that may not sign in."""
    if not user.is_active:
        raise NotAllowed(f"{user.email} is deactivated.")
    if user.role == Role.SERVICE:
        raise NotAllowed(f"{user.email} is a service account: give it a token instead.")
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        LoginLink.objects.create(user=user, digest=digest(token), created_at=now, expires_at=now + LIFE)
        record(
            "account.link_made",
            actor=actor,
            now=now,
            subject_kind="user",
            subject_id=user.pk,
            subject_name=str(user),
        )
    return token


def holder_of(token: str, *, now: datetime) -> User | None:
    """Whom this link would sign in; None where it is used, old, unknown or its account closed."""
    link = _usable(now).filter(digest=digest(token)).select_related("user").first()
    return link.user if link else None


def use_link(token: str, *, address: str | None, now: datetime) -> User:
    """Use the link up; its person may now be signed in. A lock-out of the account ends.

    Raises IllegalState where it is used, old or unknown: of two at the same moment one wins.
    """
    with transaction.atomic():
        user = holder_of(token, now=now)
        won = user is not None and _usable(now).filter(digest=digest(token)).update(used_at=now) == 1
        if not won or user is None:
            raise IllegalState("This link has been used, or its time is over.", code="link_spent")
        throttle.clear(user.email)
        record(
            "account.sign_in",
            actor=person(user, address=address),
            now=now,
            subject_kind="user",
            subject_id=user.pk,
            subject_name=str(user),
            detail={"by": "one-time link"},
        )
    return user


def _usable(now: datetime) -> QuerySet[LoginLink]:
    return LoginLink.objects.filter(used_at=None, expires_at__gt=now, user__is_active=True).exclude(
        user__role=Role.SERVICE
    )
