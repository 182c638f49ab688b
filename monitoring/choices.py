"""Choices of alerts and intake."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core.types import Words


class AlertStatus(TextChoices):
    FIRING = "firing", _("Firing")
    RESOLVED = "resolved", _("Resolved")
    NO_DATA = "no_data", _("No data")


class SignalSeverity(TextChoices):
    """How urgent the machine says it is; an incident's severity comes from tier and impact."""

    CRITICAL = "critical", _("Critical")
    WARNING = "warning", _("Warning")
    INFO = "info", _("Info")


class RawState(TextChoices):
    RECEIVED = "received", _("Received")
    DONE = "done", _("Done")
    PARKED = "parked", _("Parked")


class ChangeKind(TextChoices):
    FIRED = "fired", _("Fired")
    REFIRED = "refired", _("Fired again")
    WORSE = "worse", _("Got worse")
    RESOLVED = "resolved", _("Resolved")
    NO_DATA = "no_data", _("No data")


def alert_status_choices() -> list[tuple[str, Words]]:
    return list(AlertStatus.choices)


def signal_severity_choices() -> list[tuple[str, Words]]:
    return list(SignalSeverity.choices)


def raw_state_choices() -> list[tuple[str, Words]]:
    return list(RawState.choices)


def change_kind_choices() -> list[tuple[str, Words]]:
    return list(ChangeKind.choices)
