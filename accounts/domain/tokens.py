"""Keys to the API: `mst_<prefix>_<secret>`. The whole is told once; only its SHA-256 is kept."""

import secrets
import string
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.choices import Role
from accounts.domain.audit import record
from accounts.models import ApiToken, User
from core.crypto import digest
from core.errors import Invalid, NotAllowed
from core.types import SYSTEM, Actor

SCOPES = ("read", "write")
MAX_LIVE = 50
_LETTERS = string.ascii_lowercase + string.digits


def issue(
    user: User,
    name: str,
    scopes: Collection[str],
    expires_at: datetime | None,
    now: datetime,
    *,
    actor: Actor = SYSTEM,
) -> tuple[ApiToken, str]:
    """A new token and its plain text, which nobody can ask for again.

    `write` includes `read`; `expires_at` None never expires. Raises Invalid for an unusable name,
    scope or time, NotAllowed for a deactivated account.
    """
    name = name.strip()
    wanted = [scope for scope in SCOPES if scope in scopes]
    if not user.is_active:
        raise NotAllowed(f"{user.email} is deactivated.")
    if not name or len(name) > 80:
        raise Invalid("Give the token a name of at most 80 letters.", fields={"name": "1 to 80 letters"})
    if not wanted or len(wanted) != len(set(scopes)):
        raise Invalid("Scopes are read and write.", fields={"scopes": "read, write"})
    if expires_at is not None and expires_at <= now:
        raise Invalid("The token would already have expired.", fields={"expires_at": "in the future"})
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if user.role != Role.SERVICE and user.tokens.filter(revoked_at=None).count() >= MAX_LIVE:
            raise Invalid(
                f"Nobody needs more than {MAX_LIVE} tokens: revoke some first.", code="too_many_tokens"
            )
        prefix = "".join(secrets.choice(_LETTERS) for _ in range(10))
        plain = f"mst_{prefix}_{secrets.token_urlsafe(32)}"
        token = ApiToken.objects.create(
            user=user,
            name=name,
            prefix=prefix,
            digest=digest(plain),
            scopes=wanted,
            created_at=now,
            expires_at=expires_at,
        )
        _tell("token.issue", token, actor=actor, now=now, detail={"scopes": wanted})
    return token, plain


def within(token: ApiToken, scopes: Collection[str], expires_at: datetime | None) -> None:
    """A token begets nothing stronger or longer-lived than itself. Raises NotAllowed otherwise."""
    if "write" in scopes and "write" not in token.scopes:
        raise NotAllowed("A token can only make tokens with its own scopes or fewer.")
    if token.expires_at is not None and (expires_at is None or expires_at > token.expires_at):
        raise NotAllowed("A token can't make one that outlives it; give an earlier expires_at.")


def revoke(token: ApiToken, *, actor: Actor, now: datetime) -> bool:
    """End the token at once. False where it had been revoked before (nothing changes then)."""
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now) == 0:
            return False
        token.revoked_at = now
        _tell("token.revoke", token, actor=actor, now=now)
    return True


def _tell(
    action: str, token: ApiToken, *, actor: Actor, now: datetime, detail: dict[str, object] | None = None
) -> None:
    record(
        action,
        actor=actor,
        now=now,
        subject_kind="token",
        subject_id=token.pk,
        subject_name=f"{token.name} ({token.prefix}…) of {token.user}",
        detail=detail,
    )
