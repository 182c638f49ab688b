from django.conf import settings
from django.db import models


class MutedKind(models.Model):
    """A kind of message (notifications.kinds) that somebody does without."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="muted_kinds")
    kind = models.CharField(max_length=40)

    class Meta:
        ordering = ["kind"]
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="muted_kind_once")]

    def __str__(self) -> str:
        return f"{self.user} without {self.kind}"
