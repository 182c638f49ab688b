from django.db import models
from django.db.models import Q

from services.choices import promise_choices, severity_choices
from services.models.calendar import BusinessCalendar


class Agreement(models.Model):
    """What is promised: times per severity, counted in a calendar. Terms are copied onto each clock at its start."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.PROTECT, related_name="agreements")
    is_default = models.BooleanField(default=False, help_text="For services that name none")
    warn_percent = models.PositiveSmallIntegerField(
        default=75, help_text="Warn when this much of the time is used"
    )
    pausable_acknowledge = models.BooleanField(
        default=False, help_text="Whether a hold also stops the acknowledge clock"
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_agreement"
            ),
            models.CheckConstraint(
                condition=Q(warn_percent__gte=1, warn_percent__lte=99), name="warn_percent_range"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AgreementTarget(models.Model):
    """One promise of one severity: so many business minutes."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="targets")
    severity = models.CharField(max_length=4, choices=severity_choices)
    kind = models.CharField(max_length=12, choices=promise_choices)
    minutes = models.PositiveIntegerField(help_text="Business minutes, by the agreement's calendar")

    class Meta:
        ordering = ["severity", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "severity", "kind"], name="target_once"),
        ]

    def __str__(self) -> str:
        return f"{self.severity} {self.kind} within {self.minutes} min"
