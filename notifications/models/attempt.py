from django.db import models


class DeliveryAttempt(models.Model):
    """What happened at one attempt. A leaf: no foreign key, expires."""

    message_id = models.BigIntegerField(db_index=True)
    at = models.DateTimeField()
    number = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=12, help_text="sent, held, temporary, permanent, lost")
    detail = models.CharField(max_length=500, blank=True)
    milliseconds = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.number}: {self.outcome}"
