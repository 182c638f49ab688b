"""What people change about themselves."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.domain.audit import record
from accounts.models import User
from core.types import Actor


def change_password(user: User, password: str, *, actor: Actor, now: datetime) -> None:
    """A new password (already validated). Every other session of this person ends with the old one."""
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        _tell("account.password", user, actor=actor, now=now)


def change_profile(user: User, *, own_zone: str, phone: str, actor: Actor, now: datetime) -> None:
    """Zone (IANA; empty: the site's) and phone. Nothing is written where nothing changed."""
    wanted = {"own_zone": own_zone, "phone": phone}
    before = {name: getattr(user, name) for name in wanted}
    changed = {name: value for name, value in wanted.items() if before[name] != value}
    if not changed:
        return
    with transaction.atomic():
        for name, value in changed.items():
            setattr(user, name, value)
        user.save(update_fields=list(changed))
        detail = {"changed": {name: [before[name], value] for name, value in changed.items()}}
        _tell("account.profile", user, actor=actor, now=now, detail=detail)


def _tell(
    action: str, user: User, *, actor: Actor, now: datetime, detail: dict[str, Any] | None = None
) -> None:
    record(
        action,
        actor=actor,
        now=now,
        subject_kind="user",
        subject_id=user.pk,
        subject_name=str(user),
        detail=detail,
    )
