from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from services.models.service import Service


class MaintenanceWindow(models.Model):
    """Planned work on some services, once. `announced`: their clients were told before it began.

    It is cancelled, never deleted: what was left out of last month's numbers stays explained.
    """

    services = models.ManyToManyField(Service, related_name="maintenance")
    title = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    announced = models.BooleanField(default=False, help_text="The clients know of it")
    announced_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, max_length=2000)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-starts_at", "-pk"]
        indexes = [
            models.Index(fields=["-starts_at", "-id"], name="maintenance_newest"),
            models.Index(
                fields=["ends_at"], condition=Q(cancelled_at__isnull=True), name="maintenance_standing"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="maintenance_ends_later"),
        ]

    def __str__(self) -> str:
        return self.title

    def state_at(self, now: datetime) -> str:
        """planned, under_way, over or cancelled at `now`."""
        if self.cancelled_at is not None:
            return "cancelled"
        if now < self.starts_at:
            return "planned"
        return "under_way" if now < self.ends_at else "over"
