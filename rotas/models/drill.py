from django.conf import settings
from django.db import models
from django.db.models import Q

from rotas.choices import DrillState, drill_state_choices
from rotas.models.policy import EscalationPolicy
from services.choices import severity_choices
from services.models import Service


class FireDrill(models.Model):
    """A call through the real chain about nothing: who is reached, by what, how fast. Its messages say that it is a drill."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="drills")
    severity = models.CharField(max_length=4, choices=severity_choices)
    policy = models.ForeignKey(EscalationPolicy, null=True, on_delete=models.SET_NULL, related_name="+")
    policy_name = models.CharField(max_length=120)
    state = models.CharField(max_length=12, choices=drill_state_choices, default=DrillState.RUNNING)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["service"], condition=Q(state="running"), name="one_running_drill_a_service"
            )
        ]

    def __str__(self) -> str:
        return f"{self.ref} of {self.service}"

    @property
    def ref(self) -> str:
        """The human reference, such as DRL-7."""
        return f"DRL-{self.pk}"


class DrillLine(models.Model):
    """What happened in a drill, a line each."""

    drill = models.ForeignKey(FireDrill, on_delete=models.CASCADE, related_name="lines")
    at = models.DateTimeField()
    text = models.CharField(max_length=500)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.text
