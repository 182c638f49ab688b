from django.conf import settings
from django.db import models
from django.db.models import F, Q

from services.choices import check_state_choices
from services.models.service import Service


class ReadinessResult(models.Model):
    """How a service stands to one standard now. `standard` is the name it is registered by."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="readiness")
    standard = models.CharField(max_length=60)
    state = models.CharField(max_length=4, choices=check_state_choices)
    evidence = models.CharField(max_length=300, blank=True, help_text="What was found")
    url = models.CharField(max_length=300, blank=True, help_text="Where it is seen or mended")
    since = models.DateTimeField(help_text="In this state since")
    checked_at = models.DateTimeField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who mends it",
    )
    due = models.DateField(null=True, blank=True, help_text="By when it is mended")

    class Meta:
        ordering = ["service", "standard", "pk"]
        constraints = [models.UniqueConstraint(fields=["service", "standard"], name="readiness_once")]
        indexes = [models.Index(fields=["due"], condition=Q(state="fail"), name="readiness_failing_due")]

    def __str__(self) -> str:
        return f"{self.service_id} {self.standard}: {self.state}"


class ReadinessChange(models.Model):
    """A standard came to be met or missed by a service: the history."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="readiness_changes")
    standard = models.CharField(max_length=60)
    before = models.CharField(max_length=4, choices=check_state_choices, blank=True)
    after = models.CharField(max_length=4, choices=check_state_choices)
    evidence = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["service", "-at"], name="readiness_change_newest")]

    def __str__(self) -> str:
        return f"{self.service_id} {self.standard}: {self.before or 'new'} → {self.after}"


class ReadinessDay(models.Model):
    """How many of the standards that apply a service met on a day (UTC): the last look of that day."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="readiness_days")
    day = models.DateField()
    met = models.PositiveSmallIntegerField()
    applied = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["service", "day"], name="readiness_day_once"),
            models.CheckConstraint(condition=Q(met__lte=F("applied")), name="readiness_met_of_applied"),
        ]

    def __str__(self) -> str:
        return f"{self.service_id} {self.day}: {self.met}/{self.applied}"
