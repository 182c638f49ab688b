"""The account's own e-mail, once it was switched off: for the address that it had then, not for another one.

Its row keeps a hint of that address. Where the account has another address since, the row speaks of it no more.
"""

from core.crypto import digest
from notifications.models import ContactPoint


def hint_of(email: str) -> str:
    """What tells two addresses apart and gives neither away."""
    name, _, domain = email.lower().rpartition("@")
    return f"{name[:2]}***@{domain}"[:100] + f" · {digest(f'email:{email.lower()}')[:8]}"


def is_of_another_address(point: ContactPoint, email: str) -> bool:
    """Whether the row was switched off for an address that the account has no more; one without a hint never."""
    return point.is_own_email and point.hint not in ("", hint_of(email))
