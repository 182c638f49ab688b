from django.db import models

from accounts.models import Team
from services.choices import (
    Environment,
    Lifecycle,
    environment_choices,
    kind_choices,
    lifecycle_choices,
    tier_choices,
)
from services.models.agreement import Agreement
from services.models.calendar import BusinessCalendar
from services.models.client import Client


class Service(models.Model):
    """A production ML service that a client (or we ourselves) depend on."""

    slug = models.SlugField(unique=True, help_text="The name alerts carry in their service label")
    name = models.CharField(max_length=120)
    summary = models.CharField(max_length=240, blank=True, help_text="What it does for whom, in one sentence")
    client = models.ForeignKey(
        Client,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="services",
        help_text="Empty: internal",
    )
    tier = models.PositiveSmallIntegerField(choices=tier_choices, default=2)
    kind = models.CharField(max_length=12, choices=kind_choices)
    environment = models.CharField(max_length=12, choices=environment_choices, default=Environment.PRODUCTION)
    lifecycle = models.CharField(max_length=12, choices=lifecycle_choices, default=Lifecycle.LIVE)
    owning_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="services")
    parties = models.ManyToManyField(
        Team,
        blank=True,
        related_name="party_services",
        help_text="Engineering, Platform Ops or partners who may see it",
    )
    support_calendar = models.ForeignKey(
        BusinessCalendar, null=True, blank=True, on_delete=models.PROTECT, related_name="services"
    )
    agreement = models.ForeignKey(
        Agreement,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="services",
        help_text="Empty: the default",
    )
    auto_resolve = models.BooleanField(
        default=True, help_text="Resolve the incident when the last of its alerts resolves"
    )
    links = models.JSONField(
        default=list, blank=True, help_text='[{"label": "Dashboard", "url": "https://…"}]'
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["client", "lifecycle"], name="service_client")]

    def __str__(self) -> str:
        return self.slug

    @property
    def client_name(self) -> str:
        return self.client.name if self.client else "Internal"

    @property
    def is_supported(self) -> bool:
        """A retired service opens no incidents."""
        return self.lifecycle != Lifecycle.RETIRED
