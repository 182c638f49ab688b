"""Secrets at rest: Fernet with rotating keys. The first key seals, all of them open."""

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SecretUnreadableError(RuntimeError):
    """No configured key opens this secret; the key it was sealed with has been dropped."""


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in keys]
    )


def seal(text: str) -> str:
    """Encrypt with the newest key."""
    return _box(tuple(settings.MAINSTAY_SECRET_KEYS)).encrypt(text.encode()).decode()


def unseal(token: str) -> str:
    """Decrypt with whichever key fits. Raises SecretUnreadableError if none does."""
    try:
        return _box(tuple(settings.MAINSTAY_SECRET_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadableError(
            "A stored secret can't be opened with the present keys. Put the former key back into "
            "MAINSTAY_SECRET_KEYS, after the new one."
        ) from error


def digest(text: str) -> str:
    """SHA-256 in hex: for looking random keys up without keeping them."""
    return hashlib.sha256(text.encode()).hexdigest()
