from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Team
from rotas.choices import Hours, hours_choices, target_kind_choices
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
    repage_minutes = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Call again when it was acknowledged, but nobody wrote anything for so long. Empty: never",
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
            models.CheckConstraint(
                condition=Q(repage_minutes__isnull=True) | Q(repage_minutes__gte=5, repage_minutes__lte=1440),
                name="policy_repage_sane",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PolicyStep(models.Model):
    """One step: call the targets, then wait so many minutes for an acknowledgement."""

    policy = models.ForeignKey(EscalationPolicy, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    wait_minutes = models.PositiveSmallIntegerField(default=5, help_text="Before the next step")
    waits_for_hours = models.BooleanField(
        default=False, db_default=False, help_text="And until support hours, where the wait ends outside them"
    )
    severities = ArrayField(
        models.CharField(max_length=4, choices=severity_choices),
        default=list,
        db_default=[],
        blank=True,
        help_text="Only for these. Empty: for all",
    )
    hours = models.CharField(
        max_length=8,
        choices=hours_choices,
        default=Hours.ANY,
        db_default=Hours.ANY,
        help_text="By the support hours of the service",
    )
    alerts_more_than = models.PositiveIntegerField(
        null=True, blank=True, help_text="Only when more than so many alerts fired"
    )
    alerts_within_minutes = models.PositiveSmallIntegerField(
        default=10, db_default=10, help_text="Within so many minutes"
    )
    round_robin = models.BooleanField(
        default=False, db_default=False, help_text="Only one of them, the next one each time"
    )
    robin = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    then_policy = models.ForeignKey(
        EscalationPolicy,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="After this step it goes on by that policy",
    )

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


_NAMED = ("rota", "user", "team", "contact")


def _names(kinds: tuple[str, ...], wanted: str | None) -> Q:
    """A target of one of these kinds names that, and nothing else."""
    return Q(kind__in=kinds, **{f"{name}__isnull": name != wanted for name in _NAMED})


class StepTarget(models.Model):
    """Whom a step calls."""

    step = models.ForeignKey(PolicyStep, on_delete=models.CASCADE, related_name="targets")
    kind = models.CharField(max_length=12, choices=target_kind_choices)
    rota = models.ForeignKey(Rota, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    contact = models.ForeignKey(
        "notifications.ContactPoint", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=_names(("on_call", "next_on_call"), "rota")
                | _names(("person",), "user")
                | _names(("team_lead", "team", "working"), "team")
                | _names(("contact",), "contact")
                | _names(("owner",), None),
                name="target_names_its_kind",
            )
        ]

    def __str__(self) -> str:
        named = self.rota or self.user or self.team or self.contact
        return f"{self.get_kind_display()}: {named}" if named else self.get_kind_display()


class PolicyAssignment(models.Model):
    """Which policy calls for a service and severity. The most specific wins; empty means any."""

    service = models.ForeignKey(
        Service, null=True, blank=True, on_delete=models.CASCADE, related_name="policy_assignments"
    )
    severity = models.CharField(max_length=4, choices=severity_choices, blank=True)
    hours = models.CharField(
        max_length=8,
        choices=hours_choices,
        default=Hours.ANY,
        db_default=Hours.ANY,
        help_text="By the support hours of the service",
    )
    policy = models.ForeignKey(EscalationPolicy, on_delete=models.PROTECT, related_name="assignments")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service", "severity", "hours"], name="assignment_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.service or 'any service'} {self.severity or 'any severity'} → {self.policy}"
