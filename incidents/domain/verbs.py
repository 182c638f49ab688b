"""The verbs by name: one table for portal, API and link."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.errors import Invalid, NotAllowed
from core.types import Actor
from incidents.domain import lifecycle
from incidents.models import Incident
from incidents.rules import may

INPUTS: Mapping[str, tuple[str, ...]] = {
    "acknowledge": ("note",),
    "assign": ("owner",),
    "investigate": ("note",),
    "hold": ("party", "reason"),
    "resume": ("note",),
    "mitigate": ("note",),
    "resolve": ("resolution", "note"),
    "close": ("note",),
    "reopen": ("note",),
    "cancel": ("reason",),
    "impact": ("effect", "share", "starts_at", "ends_at", "note"),
    "note": ("text", "visibility"),
    "link": ("url", "title", "visibility"),
    "deliver": ("what", "url", "note"),
    "escalate": ("note", "step", "person"),
    "hand_off": ("party", "team", "evidence", "note"),
    "accept_hand_off": ("note",),
    "bounce_hand_off": ("reason",),
    "take_back": ("note",),
}


def perform(
    verb: str, incident: Incident, *, user: Any, actor: Actor, now: datetime, inputs: Mapping[str, Any]
) -> Incident:
    """Do `verb` for this person. `inputs` are those of INPUTS; others are refused by name.

    Raises NotAllowed where the role may not, Invalid for unknown inputs, and whatever the verb refuses.
    Returns the incident as it stands afterwards.
    """
    if not may(user, verb):
        raise NotAllowed(f"Your role can't {verb} incidents.")
    unknown = sorted(set(inputs) - set(INPUTS[verb]))
    if unknown:
        raise Invalid(f"{verb} takes {', '.join(INPUTS[verb])}.", fields=dict.fromkeys(unknown, "unknown"))
    getattr(lifecycle, verb)(incident, actor=actor, now=now, **inputs)
    incident.refresh_from_db()
    return incident
