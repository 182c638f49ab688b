"""Who may look at what of the house itself."""

from typing import Any

from accounts.rules import is_lead


def can_see_engines(user: Any) -> bool:
    """The engines, what they have waiting, and ringing them: leads and administrators."""
    return is_lead(user)
