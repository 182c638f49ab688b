from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Team
from incidents.models.incident import Incident
from services.choices import party_choices


class HandOff(models.Model):
    """Work of an incident given from one party to another, with what was brought along.

    It waits until the receiving party accepts or bounces it; accepted, it stands until the work comes back
    (`returned_at`), goes on to somebody else or the incident ends. `ended_at` is when it no longer stands.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="hand_offs")
    from_party = models.CharField(max_length=14, choices=party_choices)
    from_team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    to_party = models.CharField(max_length=14, choices=party_choices)
    to_team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    evidence = models.JSONField(default=list, help_text="[{key, label, given}]: what was brought along")
    note = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    by_name = models.CharField(max_length=160, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    bounced_at = models.DateTimeField(null=True, blank=True)
    bounced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    bounce_reason = models.CharField(max_length=300, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="It stands no longer")

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = "hand-off"
        constraints = [
            models.UniqueConstraint(
                fields=["incident"],
                condition=Q(accepted_at__isnull=True, ended_at__isnull=True),
                name="one_hand_off_waits",
            ),
            models.CheckConstraint(
                condition=Q(bounced_at__isnull=True) | Q(bounce_reason__gt="", ended_at__isnull=False),
                name="bounced_says_why",
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True) | Q(ended_at__isnull=False),
                name="returned_has_ended",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("at")), name="hand_off_ends_after"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id}: {self.from_party} → {self.to_party}"

    @property
    def waits(self) -> bool:
        """Whether the receiving party has neither taken nor bounced it."""
        return self.accepted_at is None and self.ended_at is None
