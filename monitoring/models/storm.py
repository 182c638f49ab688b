from django.db import models
from django.db.models import Q

from services.models import Service


class IntakeMinute(models.Model):
    """What one integration sent about one service in one minute of arrival. A leaf: no foreign keys, expires.

    Workers add to it with one upsert at the end of each post, so nobody waits longer than a commit.
    """

    integration_id = models.BigIntegerField()
    service_id = models.BigIntegerField(default=0, help_text="0: unrouted")
    minute = models.DateTimeField()
    alerts = models.PositiveIntegerField(default=0)
    coalesced = models.PositiveIntegerField(default=0, help_text="Of these, above the rate")
    fresh = models.PositiveIntegerField(default=0, help_text="Of the coalesced, never seen before")
    counted_at = models.DateTimeField(help_text="When a worker last added to it")
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["-minute", "pk"]
        indexes = [
            models.Index(fields=["service_id", "minute"], name="minute_by_service"),
            models.Index(fields=["expires_at"], name="minute_expiry"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["integration_id", "minute", "service_id"], name="minute_once")
        ]

    def __str__(self) -> str:
        return f"{self.alerts} alerts at {self.minute}"


class ServiceStorm(models.Model):
    """A storm as one service feels it; the room above speaks for it and says in which incident it ended up.

    `alerts` and `fresh` are what was told so far. While it lasts, `next_at` is when to look again.
    """

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="storms")
    incident_id = models.BigIntegerField(null=True, help_text="The one incident that its alerts join")
    began_at = models.DateTimeField(help_text="The minute of its first coalesced alert")
    told_at = models.DateTimeField(help_text="When its last line was written")
    alerts = models.PositiveIntegerField(default=0)
    fresh = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-began_at", "-pk"]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(ended_at__isnull=True), name="storm_due"),
            models.Index(fields=["incident_id"], name="storm_by_incident"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["service"], condition=Q(ended_at__isnull=True), name="storm_once_a_service"
            )
        ]

    def __str__(self) -> str:
        return f"storm on {self.service_id} since {self.began_at}"
