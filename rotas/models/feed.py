from django.conf import settings
from django.db import models
from django.db.models import Q

from rotas.models.rota import Rota


class Feed(models.Model):
    """A private calendar address: of a person's own shifts, or of a rota. Only the digest of its secret is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="feeds")
    rota = models.ForeignKey(
        Rota, null=True, blank=True, on_delete=models.CASCADE, related_name="+", help_text="Empty: own shifts"
    )
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_read_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "rota"],
                condition=Q(revoked_at__isnull=True),
                name="one_living_feed",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.rota or 'own shifts'} for {self.user}"
