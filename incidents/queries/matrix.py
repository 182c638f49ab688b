"""The matrix of impact × urgency as it stands, for pages that show it whole."""

from incidents.domain.severity import DEFAULT_MATRIX
from incidents.models import SeverityRule


def matrix() -> dict[tuple[str, str], str]:
    """(impact, urgency) → severity, with the defaults where somebody removed a cell. One query."""
    found = SeverityRule.objects.values_list("impact", "urgency", "severity")
    return {
        **{cell: str(severity) for cell, severity in DEFAULT_MATRIX.items()},
        **{(impact, urgency): severity for impact, urgency, severity in found},
    }
