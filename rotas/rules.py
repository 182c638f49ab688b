"""Who may do what with rotas and policies."""

from typing import Any

from accounts.choices import Role
from accounts.rules import is_lead, is_support


def can_see_rotas(user: Any) -> bool:
    """Who is on call, policies and runs: inside the support organisation. Outsiders see whom an incident names."""
    return is_support(user)


def can_override(user: Any) -> bool:
    """Say who covers whom, and take it back."""
    return is_lead(user)


def can_plan(user: Any) -> bool:
    """Begin rotas, plan their patterns and take them back; decide on leave."""
    return is_lead(user)


def can_be_on_call(user: Any) -> bool:
    """Active people of the support organisation; programs don't wake up."""
    return is_support(user) and user.role != Role.SERVICE
