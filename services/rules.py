"""Who may do what with the catalogue."""

from typing import Any

from accounts.rules import is_lead, is_support


def can_shape(user: Any) -> bool:
    """Create and edit services, agreements and calendars: leads."""
    return is_lead(user)


def can_record_versions(user: Any) -> bool:
    """Say which version of a model runs: support, and the programs that deploy."""
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
