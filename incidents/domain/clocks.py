"""The promises of an incident, one door for the verbs. What is due stands in `due_clocks`.

Verbs are called under the incident's lock and within its transaction; the tick takes the same lock first.
"""

from incidents.domain.changing import change_severity
from incidents.domain.counting import (
    cancel,
    delivered,
    hurts_again,
    meet,
    reopen,
    resolved,
    settle,
    start,
    updated,
)
from incidents.domain.due_clocks import tick
from incidents.domain.stamping import terms_of
from incidents.domain.standing import live, refresh_next_due, remaining

__all__ = [
    "cancel", "change_severity", "delivered", "hurts_again", "live", "meet", "refresh_next_due", "remaining", "reopen",
    "resolved", "settle", "start", "terms_of", "tick", "updated",
]  # fmt: skip
