"""Who may do what with messages."""

from typing import Any

from accounts.choices import Role
from accounts.rules import is_lead, is_member, is_support


def can_see_inbox(user: Any) -> bool:
    """Anybody with an account has an inbox and rules; only their own."""
    return is_member(user)


def can_see_outbox(user: Any) -> bool:
    """What leaves the portal: support sees what goes to themselves, leads everything."""
    return is_support(user)


def can_see_everybodys(user: Any) -> bool:
    """Messages to other people."""
    return is_lead(user)


def can_retry(user: Any) -> bool:
    """Have a failed message tried again."""
    return is_lead(user)


def can_have_contacts(user: Any) -> bool:
    """Have further addresses of one's own. A service account has an inbox and nothing else."""
    return is_member(user) and user.role != Role.SERVICE
