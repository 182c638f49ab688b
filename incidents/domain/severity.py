"""Severity from the admin-editable matrix of impact × urgency."""

from incidents.choices import Impact, Urgency
from incidents.models import SeverityRule
from services.choices import Severity
from services.models import Service

_TIER_IMPACT = {1: Impact.HIGH, 2: Impact.MEDIUM, 3: Impact.LOW}
_SIGNAL_URGENCY = {"critical": Urgency.HIGH, "warning": Urgency.MEDIUM, "info": Urgency.LOW}


def from_matrix(impact: str, urgency: str) -> Severity:
    """The matrix's answer; SEV3 for a cell that somebody removed ("if unsure take the higher" starts there)."""
    found = (
        SeverityRule.objects.filter(impact=impact, urgency=urgency).values_list("severity", flat=True).first()
    )
    return Severity(found or Severity.SEV3)


def of_signal(service: Service, signal_severity: str) -> tuple[Impact, Urgency]:
    """What an alert means for a service: impact from its tier, urgency from the alert's own severity."""
    return _TIER_IMPACT.get(service.tier, Impact.MEDIUM), _SIGNAL_URGENCY.get(signal_severity, Urgency.MEDIUM)
