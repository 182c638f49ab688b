"""Severity from the admin-editable matrix of impact × urgency."""

from core.errors import Invalid
from incidents.choices import Impact, Urgency
from incidents.models import SeverityRule
from services.choices import Severity
from services.models import Service

# The ITIL matrix, for a cell that somebody removed from the table.
DEFAULT_MATRIX = {
    ("high", "high"): Severity.SEV1,
    ("high", "medium"): Severity.SEV2,
    ("high", "low"): Severity.SEV3,
    ("medium", "high"): Severity.SEV2,
    ("medium", "medium"): Severity.SEV3,
    ("medium", "low"): Severity.SEV4,
    ("low", "high"): Severity.SEV3,
    ("low", "medium"): Severity.SEV4,
    ("low", "low"): Severity.SEV4,
}
_TIER_IMPACT = {1: Impact.HIGH, 2: Impact.MEDIUM, 3: Impact.LOW}
_SIGNAL_URGENCY = {"critical": Urgency.HIGH, "warning": Urgency.MEDIUM, "info": Urgency.LOW}


def from_matrix(impact: str, urgency: str) -> Severity:
    """The matrix's answer; the default's for a cell that somebody removed. Raises Invalid for other words."""
    if (impact, urgency) not in DEFAULT_MATRIX:
        raise Invalid("Impact and urgency are high, medium or low.", fields={"impact": "high, medium or low"})
    found = (
        SeverityRule.objects.filter(impact=impact, urgency=urgency).values_list("severity", flat=True).first()
    )
    return Severity(found or DEFAULT_MATRIX[impact, urgency])


def of_signal(service: Service, signal_severity: str) -> tuple[Impact, Urgency]:
    """What an alert means for a service: impact from its tier, urgency from the alert's own severity."""
    return _TIER_IMPACT.get(service.tier, Impact.MEDIUM), _SIGNAL_URGENCY.get(signal_severity, Urgency.MEDIUM)
