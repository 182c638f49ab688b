from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from accounts.models import Team
from incidents.choices import participant_role_choices
from incidents.models.incident import Incident
from services.choices import party_choices


class PartyInterval(models.Model):
    """Who held the work from when to when. Half-open; the last one is open."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="party_intervals")
    party = models.CharField(max_length=14, choices=party_choices)
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                name="party_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["incident"], condition=Q(ends_at__isnull=True), name="one_party_now"
            ),
            ExclusionConstraint(
                name="one_party_at_a_time",
                expressions=[
                    (
                        Func(F("incident_id"), F("incident_id"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (Func(F("starts_at"), F("ends_at"), function="tstzrange"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party} from {self.starts_at:%Y-%m-%d %H:%M}"


class Participant(models.Model):
    """A person who takes part in, or watches, an incident."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="participants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=10, choices=participant_role_choices)
    joined_at = models.DateTimeField()

    class Meta:
        ordering = ["joined_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["incident", "user"], name="participant_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.incident_id}"
