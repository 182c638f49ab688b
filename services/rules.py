"""Who may do what with the catalogue."""

from typing import Any

from accounts.choices import Role
from accounts.rules import is_lead, is_support


def can_shape(user: Any) -> bool:
    """Create and edit services, agreements and calendars: leads."""
    return is_lead(user)


def can_record_versions(user: Any) -> bool:
    """Say which version of a model runs: support, and the programs that deploy."""
    return is_support(user)


def can_mend(user: Any) -> bool:
    """Look at readiness again, and take on what is missed: support."""
    return is_support(user) and user.role != Role.SERVICE


def can_read_readiness(user: Any) -> bool:
    """How services stand to our own standards is the support organisation's, as its operating model is."""
    return is_support(user)


def can_set_objectives(user: Any) -> bool:
    """Make objectives, edit them, take them over from a file: leads."""
    return is_lead(user)


def can_measure(user: Any) -> bool:
    """Post what an objective counts: support, and the programs that measure."""
    return is_support(user)


def can_plan_maintenance(user: Any) -> bool:
    """Plan work, announce it, cancel it: support."""
    return is_support(user)


def can_read_terms(user: Any) -> bool:
    """Agreements, calendars and runbooks as such are the support organisation's."""
    return is_support(user)
