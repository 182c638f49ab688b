from django.conf import settings
from django.db import models

from core.validators import validate_zone


class Client(models.Model):
    """An organisation whose ML services are kept running."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    zone = models.CharField(max_length=64, validators=[validate_zone], default="UTC")
    is_active = models.BooleanField(default=True)
    notes = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ClientMember(models.Model):
    """A stakeholder who sees this client's services and nothing else."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="client_memberships"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "user"], name="client_member_once")]

    def __str__(self) -> str:
        return f"{self.user} of {self.client}"
