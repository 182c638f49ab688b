"""Who may do what with alerts and intake."""

from typing import Any

from accounts.rules import is_lead, is_member, is_support


def can_see_alerts(user: Any) -> bool:
    """Anybody with an account; which alerts is decided by `alerts_visible_to`."""
    return is_member(user)


def can_see_payloads(user: Any) -> bool:
    """Raw posts mix alerts of several clients: for support only."""
    return is_support(user)


def can_route(user: Any) -> bool:
    """Say whose an unrouted alert is."""
    return is_support(user)


def can_run_intake(user: Any) -> bool:
    """Integrations with their URLs, parked posts, replay."""
    return is_lead(user)
