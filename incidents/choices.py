"""Choices of incidents: states, verbs' words, parties, promises."""

from django.db.models import TextChoices
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from core.types import Words
from services.choices import (
    Effect,
    PromiseKind,
    party_choices,  # noqa: F401  # migrations know it by this name
)

# What a signed link in a message may do to an incident (core.actions).
ACKNOWLEDGE_BY_LINK = "incident.acknowledge"
# Messages that call somebody: of a run, and directly.
CALLS = ("incident.page", "incident.assigned", "incident.major")
# Messages about promises.
PROMISES = ("clock.warn", "clock.breach")


class State(TextChoices):
    NEW = "new", _("Open")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    INVESTIGATING = "investigating", _("Investigating")
    ON_HOLD = "on_hold", _("On hold")
    MITIGATED = "mitigated", _("Mitigated")
    RESOLVED = "resolved", _("Resolved")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")


OPEN_STATES = [State.NEW, State.ACKNOWLEDGED, State.INVESTIGATING, State.ON_HOLD, State.MITIGATED]
ENDED_STATES = [State.RESOLVED, State.CLOSED, State.CANCELLED]


class Resolution(TextChoices):
    FIXED = "fixed", _("Fixed")
    WORKAROUND = "workaround", _("Workaround")
    NO_FAULT = "no_fault", _("No fault found")
    DUPLICATE = "duplicate", _("Duplicate")
    SELF_HEALED = "self_healed", _("Healed by itself")
    NOT_RECORDED = "not_recorded", _("Not recorded")


# What somebody who ends an incident may say; only history from elsewhere ended without a word on how.
SAYABLE = [how for how in Resolution if how is not Resolution.NOT_RECORDED]


class Source(TextChoices):
    ALERT = "alert", _("Alert")
    PORTAL = "portal", _("Portal")
    API = "api", _("API")
    EMAIL = "email", _("E-mail")
    SLACK = "slack", _("Slack")
    IMPORT = "import", _("Import")


class Impact(TextChoices):
    HIGH = "high", _("High: all users or a regulated decision")
    MEDIUM = "medium", _("Medium: part of the users")
    LOW = "low", _("Low: nobody yet")


class Urgency(TextChoices):
    HIGH = "high", _("High: getting worse now")
    MEDIUM = "medium", _("Medium: within the day")
    LOW = "low", _("Low: can be planned")


class ClockState(TextChoices):
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    MET = "met", _("Met")
    CANCELLED = "cancelled", _("Cancelled")


class Verdict(TextChoices):
    """What a breach counts as after it was judged again."""

    KEPT = "kept", _("Kept: it was done in time")
    EXCLUDED = "excluded", _("Left out of the numbers")


class CorrectionState(TextChoices):
    ASKED = "asked", _("Waits for a decision")
    AGREED = "agreed", _("Agreed")
    REFUSED = "refused", _("Refused")


class ReplanHow(TextChoices):
    """How new terms are applied to what counts already."""

    KEEP = "keep", _("From now on: what was used stays used")
    RECOMPUTE = "recompute", _("From the start, as if they had always held")


class EntryKind(TextChoices):
    """What a line of the timeline says. Machine lines whisper, people speak."""

    OPENED = "opened", _("Opened")
    NOTE = "note", _("Note")
    LINK = "link", _("Link")
    STATE = "state", _("State")
    OWNER = "owner", _("Owner")
    SEVERITY = "severity", _("Severity")
    EDIT = "edit", _("Edited")
    PARTY = "party", _("Handed on")
    ALERT = "alert", _("Alert")
    CLOCK = "clock", _("Promise")
    CALL = "call", _("Call")
    MESSAGE = "message", _("Message")
    RUNBOOK = "runbook", _("Runbook")
    DELIVERED = "delivered", _("Delivered")
    IMPACT = "impact", _("Impact")


class Visibility(TextChoices):
    INTERNAL = "internal", _("Inside the team")
    CLIENT = "client", _("Client")


class ActorKind(TextChoices):
    PERSON = "person", _("Person")
    TOKEN = "token", _("Integration")
    MACHINE = "machine", _("Machine")
    SYSTEM = "system", _("Mainstay")


class ParticipantRole(TextChoices):
    RESPONDER = "responder", _("Responder")
    WATCHER = "watcher", _("Watching")


def state_choices() -> list[tuple[str, Words]]:
    return list(State.choices)


def resolution_choices() -> list[tuple[str, Words]]:
    return list(Resolution.choices)


def sayable_resolution_choices() -> list[tuple[str, Words]]:
    """What verbs, forms and programs offer."""
    return [(how.value, how.label) for how in SAYABLE]


def source_choices() -> list[tuple[str, Words]]:
    return list(Source.choices)


def impact_choices() -> list[tuple[str, Words]]:
    return list(Impact.choices)


def urgency_choices() -> list[tuple[str, Words]]:
    return list(Urgency.choices)


def clock_state_choices() -> list[tuple[str, Words]]:
    return list(ClockState.choices)


def entry_kind_choices() -> list[tuple[str, Words]]:
    return list(EntryKind.choices)


def visibility_choices() -> list[tuple[str, Words]]:
    return list(Visibility.choices)


def felt_choices() -> list[tuple[str, Words]]:
    """What somebody may say that users felt: an effect, or that there was none."""
    return [*Effect.choices, ("none", _("None"))]


def promise_filter_choices() -> list[tuple[str, Words]]:
    """What lists ask of promises: decided, kept, broken, by kind."""
    return [
        (f"{kind.value}{end}", format_lazy("{}: {}", kind.label, word))
        for kind in PromiseKind
        for end, word in (("", _("decided")), ("-kept", _("kept")), ("-broken", _("broken")))
    ]


def actor_kind_choices() -> list[tuple[str, Words]]:
    return list(ActorKind.choices)


def participant_role_choices() -> list[tuple[str, Words]]:
    return list(ParticipantRole.choices)


def verdict_choices() -> list[tuple[str, Words]]:
    return list(Verdict.choices)


def correction_state_choices() -> list[tuple[str, Words]]:
    return list(CorrectionState.choices)


def replan_how_choices() -> list[tuple[str, Words]]:
    return list(ReplanHow.choices)
