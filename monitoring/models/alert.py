from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q

from monitoring.choices import (
    AlertStatus,
    SignalSeverity,
    alert_status_choices,
    change_kind_choices,
    signal_severity_choices,
)
from monitoring.models.integration import Integration
from services.models import Service


class Alert(models.Model):
    """What a machine says is wrong: one row per (integration, identity), folded by an atomic upsert.

    Repeats only count. `event_at` is the source's time of the newest reading: an older one never wins.
    """

    # Each write of an alert writes all its indexes: these two begin like another one (alert_once, alert_by_service).
    integration = models.ForeignKey(
        Integration, on_delete=models.PROTECT, related_name="alerts", db_index=False
    )
    identity = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=alert_status_choices, default=AlertStatus.FIRING)
    severity = models.CharField(
        max_length=10, choices=signal_severity_choices, default=SignalSeverity.WARNING
    )
    title = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    labels = models.JSONField(default=dict)
    annotations = models.JSONField(default=dict)
    url = models.CharField(max_length=1000, blank=True)
    service = models.ForeignKey(
        Service,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="alerts",
        db_index=False,
        help_text="Empty: unrouted",
    )
    service_hint = models.CharField(
        max_length=200, blank=True, help_text="What the label said, when it named no service"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    event_at = models.DateTimeField()
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=1, help_text="Readings folded into this row")
    episodes = models.PositiveIntegerField(default=1, help_text="How often it began to fire")
    resolve_reason = models.CharField(max_length=40, blank=True)
    coalesced = models.PositiveIntegerField(
        default=0, help_text="Readings that came in a storm: counted, not kept one by one"
    )
    blind_due_at = models.DateTimeField(
        null=True, help_text="While there is no data: when that becomes somebody's business"
    )

    class Meta:
        ordering = ["-last_seen_at", "-pk"]
        indexes = [
            models.Index(fields=["-last_seen_at", "-id"], name="alert_newest"),
            models.Index(fields=["service", "-last_seen_at"], name="alert_by_service"),
            models.Index(fields=["-last_seen_at"], condition=Q(status="firing"), name="alert_firing"),
            models.Index(fields=["-last_seen_at"], condition=Q(service__isnull=True), name="alert_unrouted"),
            models.Index(fields=["-last_seen_at", "-id"], condition=~Q(status="resolved"), name="alert_open"),
            # as `monitoring.filters` asks
            GinIndex(SearchVector("title", config="simple"), name="alert_words"),
            models.Index(
                fields=["blind_due_at"], condition=Q(blind_due_at__isnull=False), name="alert_blind_due"
            ),
            GinIndex(fields=["labels"], name="alert_labels", opclasses=["jsonb_path_ops"]),
        ]
        constraints = [models.UniqueConstraint(fields=["integration", "identity"], name="alert_once")]

    def __str__(self) -> str:
        return self.title


class AlertChange(models.Model):
    """A transition of an alert, left for higher rooms to claim (`handled_at`). Only transitions speak.

    `lane` is the queue it waits in: the id of its service, 0 without one. Lanes are served in turn.
    """

    # Without a constraint: written in sets beside the locked alerts themselves, of which none is ever deleted. To check
    # each row at its commit cost more than all the rest of folding, as long as the table was young.
    alert = models.ForeignKey(
        Alert, on_delete=models.CASCADE, related_name="changes", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=10, choices=change_kind_choices)
    at = models.DateTimeField(help_text="When we saw it")
    event_at = models.DateTimeField(help_text="When the source says it happened")
    detail = models.CharField(max_length=300, blank=True)
    handled_at = models.DateTimeField(null=True)
    lane = models.BigIntegerField(default=0)
    coalesced = models.BooleanField(default=False, help_text="It came in a storm of its integration")

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["lane", "id"], condition=Q(handled_at__isnull=True), name="change_lane"),
            models.Index(fields=["alert", "id"], condition=Q(handled_at__isnull=True), name="change_turn"),
            models.Index(fields=["alert", "-id"], name="change_by_alert"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.alert_id}"


class AlertOccurrence(models.Model):
    """One reading of one alert in one delivery. A leaf: no foreign keys, expires.

    In a storm the readings of a minute are one row: `minute` is set, `count` says how many they were, and
    the rest is of the newest; it expires by its minute. The table lies in slices by `expires_at`.
    """

    alert_id = models.BigIntegerField()
    delivery_id = models.BigIntegerField()
    status = models.CharField(max_length=10)
    at = models.DateTimeField()
    event_at = models.DateTimeField()
    note = models.CharField(max_length=120, blank=True, help_text="e.g. late: older than what is known")
    expires_at = models.DateTimeField()
    minute = models.DateTimeField(null=True)
    count = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["alert_id", "-at", "-id"], name="occurrence_by_alert"),
            models.Index(fields=["expires_at"], name="occurrence_expiry"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["alert_id", "minute", "expires_at"],
                condition=Q(minute__isnull=False),
                name="occurrence_once_a_minute",
            )
        ]

    def __str__(self) -> str:
        return f"{self.status} at {self.at}"
