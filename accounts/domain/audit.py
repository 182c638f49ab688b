"""The audit trail: one call, one append-only row."""

from datetime import datetime
from typing import Any

from accounts.models import AuditEntry, User
from core.types import Actor


def record(
    action: str,
    *,
    actor: Actor,
    now: datetime,
    subject_kind: str = "",
    subject_id: str | int = "",
    subject_name: str = "",
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """Write who did `action` (a dotted verb) to what. Part of the caller's transaction."""
    user = actor.user if isinstance(actor.user, User) else None
    return AuditEntry.objects.create(
        at=now,
        actor_id=user.pk if user else None,
        actor_name=actor.name[:160],
        actor_kind=actor.kind,
        action=action,
        subject_kind=subject_kind,
        subject_id=str(subject_id),
        subject_name=subject_name[:200],
        detail={**(detail or {}), **({"via": actor.via} if actor.via else {})},
        address=actor.address,
    )
