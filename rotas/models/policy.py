from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Team
from rotas.choices import target_kind_choices
from rotas.models.rota import Rota
from services.choices import severity_choices
from services.models import Service


class EscalationPolicy(models.Model):
    """Who is called in which order. Its steps are copied onto each run at the start."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    repeats = models.PositiveSmallIntegerField(default=1, help_text="How often the steps are walked again")
    fallback = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Called when a step finds nobody on call",
    )
    is_default = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "escalation policies"
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_policy"
            ),
            models.CheckConstraint(condition=Q(repeats__lte=20), name="policy_repeats_sane"),
        ]

    def __str__(self) -> str:
        return self.name


class PolicyStep(models.Model):
    """One step: call the targets, then wait so many minutes for an acknowledgement."""

    policy = models.ForeignKey(EscalationPolicy, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    wait_minutes = models.PositiveSmallIntegerField(default=5, help_text="Before the next step")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "position"], name="policy_step_once"),
            models.CheckConstraint(
                condition=Q(wait_minutes__gte=1, wait_minutes__lte=1440), name="step_wait_sane"
            ),
        ]

    def __str__(self) -> str:
        return f"Step {self.position} of {self.policy}"


class StepTarget(models.Model):
    """Whom a step calls."""

    step = models.ForeignKey(PolicyStep, on_delete=models.CASCADE, related_name="targets")
    kind = models.CharField(max_length=12, choices=target_kind_choices)
    rota = models.ForeignKey(Rota, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="on_call", rota__isnull=False, user__isnull=True, team__isnull=True)
                | Q(kind="person", user__isnull=False, rota__isnull=True, team__isnull=True)
                | Q(kind="team_lead", team__isnull=False, rota__isnull=True, user__isnull=True),
                name="target_names_its_kind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.rota or self.user or self.team}"


class PolicyAssignment(models.Model):
    """Which policy calls for a service and severity. The most specific wins; empty means any."""

    service = models.ForeignKey(
        Service, null=True, blank=True, on_delete=models.CASCADE, related_name="policy_assignments"
    )
    severity = models.CharField(max_length=4, choices=severity_choices, blank=True)
    policy = models.ForeignKey(EscalationPolicy, on_delete=models.PROTECT, related_name="assignments")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service", "severity"], name="assignment_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.service or 'any service'} {self.severity or 'any severity'} → {self.policy}"
