"""Who may do what: one vocabulary for views, templates, API and admin.

Roles: responder (works incidents), lead (shapes the service too), administrator (everything),
stakeholder (a client's, Engineering's or a partner's person: only what is theirs), service (a program;
works incidents through the API). Deactivated accounts may do nothing.
"""

from typing import Any

from accounts.choices import Role


def _has(user: Any, *roles: str) -> bool:
    return bool(user.is_authenticated and user.is_active and user.role in roles)


def is_support(user: Any) -> bool:
    """Inside the support organisation: sees every service and works incidents."""
    return _has(user, Role.RESPONDER, Role.LEAD, Role.ADMINISTRATOR, Role.SERVICE)


def is_lead(user: Any) -> bool:
    """Shapes the service: parked intake, audit, rota overrides, routing."""
    return _has(user, Role.LEAD, Role.ADMINISTRATOR)


def is_administrator(user: Any) -> bool:
    """Manages people, roles and tokens."""
    return _has(user, Role.ADMINISTRATOR)


def is_stakeholder(user: Any) -> bool:
    """An outsider with a view on what is theirs."""
    return _has(user, Role.STAKEHOLDER)


def is_member(user: Any) -> bool:
    """Anybody with an active account."""
    return bool(user.is_authenticated and user.is_active)
