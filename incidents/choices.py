"""Choices of incidents: states, verbs' words, parties, promises."""

from django.db.models import TextChoices

from services.choices import PromiseKind

# What a signed link in a message may do to an incident (core.actions).
ACKNOWLEDGE_BY_LINK = "incident.acknowledge"
# Messages that call somebody: of a run, and directly.
CALLS = ("incident.page", "incident.assigned", "incident.major")
# Messages about promises.
PROMISES = ("clock.warn", "clock.breach")


class State(TextChoices):
    NEW = "new", "Open"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    INVESTIGATING = "investigating", "Investigating"
    ON_HOLD = "on_hold", "On hold"
    MITIGATED = "mitigated", "Mitigated"
    RESOLVED = "resolved", "Resolved"
    CLOSED = "closed", "Closed"
    CANCELLED = "cancelled", "Cancelled"


OPEN_STATES = [State.NEW, State.ACKNOWLEDGED, State.INVESTIGATING, State.ON_HOLD, State.MITIGATED]
ENDED_STATES = [State.RESOLVED, State.CLOSED, State.CANCELLED]


class Resolution(TextChoices):
    FIXED = "fixed", "Fixed"
    WORKAROUND = "workaround", "Workaround"
    NO_FAULT = "no_fault", "No fault found"
    DUPLICATE = "duplicate", "Duplicate"
    SELF_HEALED = "self_healed", "Healed by itself"
    NOT_RECORDED = "not_recorded", "Not recorded"


# What somebody who ends an incident may say; only history from elsewhere ended without a word on how.
SAYABLE = [how for how in Resolution if how is not Resolution.NOT_RECORDED]


class Source(TextChoices):
    ALERT = "alert", "Alert"
    PORTAL = "portal", "Portal"
    API = "api", "API"
    EMAIL = "email", "E-mail"
    SLACK = "slack", "Slack"
    IMPORT = "import", "Import"


class Impact(TextChoices):
    HIGH = "high", "High: all users or a regulated decision"
    MEDIUM = "medium", "Medium: part of the users"
    LOW = "low", "Low: nobody yet"


class Urgency(TextChoices):
    HIGH = "high", "High: getting worse now"
    MEDIUM = "medium", "Medium: within the day"
    LOW = "low", "Low: can be planned"


class Party(TextChoices):
    """Who holds the work, or whom a hold waits for."""

    L1 = "l1", "L1"
    L2 = "l2", "L2"
    ENGINEERING = "engineering", "Engineering"
    PLATFORM_OPS = "platform_ops", "Platform Ops"
    PARTNER = "partner", "Partner"
    CLIENT = "client", "Client"


class ClockState(TextChoices):
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    MET = "met", "Met"
    CANCELLED = "cancelled", "Cancelled"


class EntryKind(TextChoices):
    """What a line of the timeline says. Machine lines whisper, people speak."""

    OPENED = "opened", "Opened"
    NOTE = "note", "Note"
    LINK = "link", "Link"
    STATE = "state", "State"
    OWNER = "owner", "Owner"
    SEVERITY = "severity", "Severity"
    EDIT = "edit", "Edited"
    PARTY = "party", "Handed on"
    ALERT = "alert", "Alert"
    CLOCK = "clock", "Promise"
    CALL = "call", "Call"
    MESSAGE = "message", "Message"
    RUNBOOK = "runbook", "Runbook"


class Visibility(TextChoices):
    INTERNAL = "internal", "Inside the team"
    CLIENT = "client", "Client"


class ActorKind(TextChoices):
    PERSON = "person", "Person"
    TOKEN = "token", "Integration"
    MACHINE = "machine", "Machine"
    SYSTEM = "system", "Mainstay"


class ParticipantRole(TextChoices):
    RESPONDER = "responder", "Responder"
    WATCHER = "watcher", "Watching"


def state_choices() -> list[tuple[str, str]]:
    return list(State.choices)


def resolution_choices() -> list[tuple[str, str]]:
    return list(Resolution.choices)


def sayable_resolution_choices() -> list[tuple[str, str]]:
    """What verbs, forms and programs offer."""
    return [(how.value, how.label) for how in SAYABLE]


def source_choices() -> list[tuple[str, str]]:
    return list(Source.choices)


def impact_choices() -> list[tuple[str, str]]:
    return list(Impact.choices)


def urgency_choices() -> list[tuple[str, str]]:
    return list(Urgency.choices)


def party_choices() -> list[tuple[str, str]]:
    return list(Party.choices)


def clock_state_choices() -> list[tuple[str, str]]:
    return list(ClockState.choices)


def entry_kind_choices() -> list[tuple[str, str]]:
    return list(EntryKind.choices)


def visibility_choices() -> list[tuple[str, str]]:
    return list(Visibility.choices)


def promise_filter_choices() -> list[tuple[str, str]]:
    """What lists ask of promises: decided, kept, broken, by kind."""
    return [
        (f"{kind.value}{end}", f"{kind.label}: {word}")
        for kind in PromiseKind
        for end, word in (("", "decided"), ("-kept", "kept"), ("-broken", "broken"))
    ]


def actor_kind_choices() -> list[tuple[str, str]]:
    return list(ActorKind.choices)


def participant_role_choices() -> list[tuple[str, str]]:
    return list(ParticipantRole.choices)
