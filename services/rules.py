"""Who may do what with the catalogue."""

from typing import Any

from accounts.rules import is_lead, is_support


def can_shape(user: Any) -> bool:
    """Create and edit services, agreements and calendars: leads."""
    return is_lead(user)


def can_record_versions(user: Any) -> bool:
    """Say which version of a model runs: support, and the programs that deploy."""
    return is_support(user)


def can_read_terms(user: Any) -> bool:
    """Agreements, calendars and runbooks as such are the support organisation's."""
    return is_support(user)
