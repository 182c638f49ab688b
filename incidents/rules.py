"""Who may do what with incidents."""

from typing import Any

from accounts.rules import is_lead, is_stakeholder, is_support

OUTSIDE_VERBS = {"note", "link"}
# Whoever the work was handed to answers, outsiders too; whether it was handed to them is the verb's to see.
ANSWERS = {"accept_hand_off", "bounce_hand_off"}


def can_work(user: Any) -> bool:
    """Acknowledge, assign, hold, mitigate, resolve and the rest."""
    return is_support(user)


def can_report(user: Any) -> bool:
    """Open an incident on a service they see."""
    return is_support(user) or is_stakeholder(user)


def can_write(user: Any) -> bool:
    """Say something on the timeline; a stakeholder's words are always readable by the client."""
    return is_support(user) or is_stakeholder(user)


def can_cancel(user: Any) -> bool:
    """Take an incident out of the numbers."""
    return is_lead(user)


def may(user: Any, verb: str) -> bool:
    """Whether this person may use the verb at all, whatever the state."""
    if verb in OUTSIDE_VERBS or verb in ANSWERS:
        return can_write(user)
    if verb == "cancel":
        return can_cancel(user)
    return can_work(user)
