from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from services.models import Service

# A busy Alertmanager repeats some tens of alerts a minute; five a second is trouble of its own kind.
DEFAULT_RATE = 300
MAX_RATE = 1_000_000


class Integration(models.Model):
    """One door for one tool: a source (payload format), a key in the URL, where its alerts go by default."""

    name = models.CharField(max_length=120)
    source = models.CharField(max_length=32, help_text="alertmanager, grafana, generic")
    key_digest = models.CharField(max_length=64, unique=True, editable=False)
    key_sealed = models.TextField(
        editable=False, help_text="The key, encrypted, so that leads can read the URL again"
    )
    service = models.ForeignKey(
        Service,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="integrations",
        help_text="Where alerts go that name no service",
    )
    service_label = models.CharField(
        max_length=60, default="service", help_text="The label that names the service"
    )
    rate = models.PositiveIntegerField(
        default=DEFAULT_RATE,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_RATE)],
        help_text="Alerts a minute; above it they are counted together. Nothing is dropped.",
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    last_received_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["source", "name", "pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.source})"
