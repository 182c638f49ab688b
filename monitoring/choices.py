"""Choices of alerts and intake."""

from django.db.models import TextChoices


class AlertStatus(TextChoices):
    FIRING = "firing", "Firing"
    RESOLVED = "resolved", "Resolved"
    NO_DATA = "no_data", "No data"


class SignalSeverity(TextChoices):
    """How urgent the machine says it is; an incident's severity comes from tier and impact."""

    CRITICAL = "critical", "Critical"
    WARNING = "warning", "Warning"
    INFO = "info", "Info"


class RawState(TextChoices):
    RECEIVED = "received", "Received"
    DONE = "done", "Done"
    PARKED = "parked", "Parked"


class ChangeKind(TextChoices):
    FIRED = "fired", "Fired"
    REFIRED = "refired", "Fired again"
    RESOLVED = "resolved", "Resolved"
    NO_DATA = "no_data", "No data"


def alert_status_choices() -> list[tuple[str, str]]:
    return list(AlertStatus.choices)


def signal_severity_choices() -> list[tuple[str, str]]:
    return list(SignalSeverity.choices)


def raw_state_choices() -> list[tuple[str, str]]:
    return list(RawState.choices)


def change_kind_choices() -> list[tuple[str, str]]:
    return list(ChangeKind.choices)
