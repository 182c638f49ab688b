from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from services.models import Activity, Service


class Runbook(models.Model):
    """What to do: a title, a body in Markdown, and steps to tick off. Found by service and alert labels."""

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=160)
    summary = models.CharField(max_length=300, blank=True)
    body = models.TextField(blank=True, help_text="Markdown; shown sanitised")
    services = models.ManyToManyField(Service, blank=True, related_name="runbooks")
    activities = models.ManyToManyField(
        Activity,
        blank=True,
        related_name="runbooks",
        help_text="Which activities of the operating model it is for; none: any",
    )
    matchers = models.JSONField(
        default=list,
        blank=True,
        help_text='Alert labels, e.g. [{"name": "alertname", "op": "=~", "value": "Drift.*"}]',
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_active = models.BooleanField(default=True)
    tested_at = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1)
    search = SearchVectorField(null=True, editable=False)

    class Meta:
        ordering = ["title", "pk"]
        indexes = [GinIndex(fields=["search"], name="runbook_search")]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    @property
    def ref(self) -> str:
        return f"RB-{self.pk}"


class RunbookStep(models.Model):
    """One step of a runbook."""

    runbook = models.ForeignKey(Runbook, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    detail = models.CharField(max_length=500, blank=True, help_text="What to expect, or the command")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["runbook", "position"], name="runbook_step_once")]

    def __str__(self) -> str:
        return f"{self.position}. {self.text}"
