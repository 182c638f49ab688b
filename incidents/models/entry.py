from django.conf import settings
from django.db import models

from incidents.choices import (
    ActorKind,
    Visibility,
    actor_kind_choices,
    entry_kind_choices,
    visibility_choices,
)
from incidents.models.incident import Incident


class Entry(models.Model):
    """One line of the timeline and the domain event at once. Append-only: a correction is a new line."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=10, choices=entry_kind_choices)
    visibility = models.CharField(max_length=8, choices=visibility_choices, default=Visibility.INTERNAL)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=8, choices=actor_kind_choices, default=ActorKind.SYSTEM)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    actor_name = models.CharField(max_length=160, blank=True)
    text = models.TextField(blank=True, help_text="What people read; a note's own words")
    data = models.JSONField(default=dict, blank=True)
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")

    class Meta:
        ordering = ["happened_at", "pk"]
        verbose_name_plural = "entries"
        indexes = [
            models.Index(fields=["incident", "happened_at", "id"], name="entry_timeline"),
            models.Index(fields=["-recorded_at", "-id"], name="entry_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.text[:60]}"
