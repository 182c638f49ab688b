from django.db import models
from django.db.models import Q

from core.instants import EARLIEST, LATEST
from core.validators import validate_past
from services.choices import Stage, stage_choices
from services.models.service import Service


class MLModel(models.Model):
    """A model that a service serves."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="models")
    name = models.CharField(max_length=120)
    task = models.CharField(max_length=60, blank=True, help_text="classification, forecast, ranking…")
    registry_url = models.URLField(blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = "ML model"
        constraints = [models.UniqueConstraint(fields=["service", "name"], name="model_once")]

    def __str__(self) -> str:
        return self.name


class ModelVersion(models.Model):
    """One version of a model; at most one is the champion."""

    model = models.ForeignKey(MLModel, on_delete=models.CASCADE, related_name="versions")
    version = models.CharField(max_length=60)
    stage = models.CharField(max_length=12, choices=stage_choices, default=Stage.CANDIDATE)
    trained_at = models.DateTimeField(null=True, blank=True, validators=[validate_past])
    promoted_at = models.DateTimeField(null=True, blank=True)
    notes = models.TextField(blank=True)

    class Meta:
        ordering = ["-promoted_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["model", "version"], name="model_version_once"),
            models.UniqueConstraint(fields=["model"], condition=Q(stage="champion"), name="one_champion"),
            models.CheckConstraint(
                condition=Q(trained_at__gte=EARLIEST, trained_at__lt=LATEST),
                name="version_trained_in_known_years",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.version}"
