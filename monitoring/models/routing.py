from django.db import models

from services.models import Service


class RoutingRule(models.Model):
    """Alerts that name no service: the first rule (by position) whose matchers fit says whose they are."""

    position = models.PositiveSmallIntegerField(default=100)
    name = models.CharField(max_length=120)
    matchers = models.JSONField(help_text='e.g. [{"name": "namespace", "op": "=", "value": "fraud"}]')
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="routing_rules")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name
