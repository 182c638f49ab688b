from django.db import models

from incidents.choices import impact_choices, urgency_choices
from services.choices import severity_choices


class SeverityRule(models.Model):
    """One cell of the matrix: this impact and this urgency make this severity."""

    impact = models.CharField(max_length=6, choices=impact_choices)
    urgency = models.CharField(max_length=6, choices=urgency_choices)
    severity = models.CharField(max_length=4, choices=severity_choices)

    class Meta:
        ordering = ["severity", "impact", "urgency"]
        constraints = [models.UniqueConstraint(fields=["impact", "urgency"], name="matrix_cell_once")]

    def __str__(self) -> str:
        return f"{self.impact} × {self.urgency} → {self.severity}"
