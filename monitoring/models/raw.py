from django.db import models
from django.db.models import Q

from monitoring.choices import RawState, raw_state_choices


class RawDelivery(models.Model):
    """What arrived, as it arrived, before it was answered. A leaf: no foreign keys, time in the row, an expiry.

    Parked when it can't be parsed: visible with its reason, and it can be replayed. The table lies in slices by
    `expires_at` (`core.slices`), so that old posts go whole.
    """

    integration_id = models.BigIntegerField()
    received_at = models.DateTimeField()
    body = models.BinaryField()
    headers = models.JSONField(default=dict)
    delivery_id = models.CharField(max_length=200, blank=True)
    address = models.GenericIPAddressField(null=True)
    state = models.CharField(max_length=10, choices=raw_state_choices, default=RawState.RECEIVED)
    reason = models.CharField(max_length=500, blank=True)
    signals = models.PositiveIntegerField(default=0)
    truncated = models.PositiveIntegerField(default=0)
    handled_at = models.DateTimeField(null=True)
    replays = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index(fields=["integration_id", "id"], condition=Q(state="received"), name="raw_turn"),
            models.Index(fields=["-received_at", "-id"], condition=Q(state="parked"), name="raw_parked"),
            models.Index(fields=["expires_at"], name="raw_expiry"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk} ({self.state})"


class DeliveryId(models.Model):
    """An id that a source gave a post, within one integration: what came with it before counts once.

    It stands beside the posts because theirs is a table in slices, which can't hold it unique.
    """

    integration_id = models.BigIntegerField()
    delivery_id = models.CharField(max_length=200)
    raw_id = models.BigIntegerField(help_text="The post that came with it first")
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["expires_at"], name="delivery_id_expiry")]
        constraints = [
            models.UniqueConstraint(fields=["integration_id", "delivery_id"], name="delivery_once")
        ]

    def __str__(self) -> str:
        return self.delivery_id
