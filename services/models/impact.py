from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from services.choices import Effect, effect_choices
from services.models.service import Service


class ImpactWindow(models.Model):
    """From when to when a service failed those who use it, and for which share of them.

    Said by a person on an incident, whose number and reference stand here without a foreign key: incidents live
    above. `ends_at` empty: it goes on. Windows of a service may overlap; the worst share counts at each moment.
    """

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="impacts", db_index=False)
    incident_id = models.BigIntegerField(null=True, blank=True, help_text="Empty: said without an incident")
    incident_ref = models.CharField(max_length=24, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True, help_text="Empty: it goes on")
    effect = models.CharField(max_length=10, choices=effect_choices, default=Effect.DOWN)
    share = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        default=Decimal(100),
        help_text="Percent of requests or users that fail; 100 while it is down",
    )
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-starts_at", "-pk"]
        indexes = [
            models.Index(fields=["service", "-starts_at", "-id"], name="impact_by_service"),
            models.Index(
                fields=["incident_id"], condition=Q(incident_id__isnull=False), name="impact_by_incident"
            ),
            models.Index(fields=["service"], condition=Q(ends_at__isnull=True), name="impact_open"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")), name="impact_ends_later"
            ),
            models.CheckConstraint(
                condition=Q(share__gt=0, share__lte=100)
                & (Q(effect=Effect.DEGRADED) | Q(effect=Effect.DOWN, share=100)),
                name="impact_share_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.effect} from {self.starts_at:%Y-%m-%d %H:%M}"
