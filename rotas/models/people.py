from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Site
from rotas.choices import (
    LeaveKind,
    LeaveState,
    ShadowKind,
    leave_kind_choices,
    leave_state_choices,
    shadow_kind_choices,
)
from rotas.models.rota import Rota


class Skill(models.Model):
    """What a rota may ask of somebody who is on call."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="skills")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Participation(models.Model):
    """How much of a rota somebody should carry, and whether they take more when asked. Without a row: a full share, willing."""

    rota = models.ForeignKey(Rota, on_delete=models.CASCADE, related_name="participations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    share = models.PositiveSmallIntegerField(default=100, help_text="Percent of a full share")
    willing = models.BooleanField(default=True, help_text="May be suggested for gaps")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rota", "user"], name="participation_once"),
            models.CheckConstraint(condition=Q(share__lte=200), name="participation_share_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.share} % of {self.rota}"


class RestRule(models.Model):
    """How much work is too much at a site, and which hours are evening and night there. Without a site: everywhere else."""

    site = models.OneToOneField(
        Site, null=True, blank=True, on_delete=models.CASCADE, related_name="rest_rule"
    )
    min_rest_hours = models.PositiveSmallIntegerField(default=11, help_text="Between two shifts")
    max_days = models.PositiveSmallIntegerField(default=6, help_text="With a shift, one after the other")
    max_week_hours = models.PositiveSmallIntegerField(default=48, help_text="In seven days, of on-call time")
    evening_from = models.TimeField(default="18:00")
    night_from = models.TimeField(default="22:00")
    day_from = models.TimeField(default="06:00")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site"], name="one_rest_rule_a_site", nulls_distinct=False),
            models.CheckConstraint(
                condition=Q(day_from__lt=F("evening_from"), evening_from__lt=F("night_from")),
                name="rest_rule_parts_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"Rest at {self.site or 'every other site'}"


class Leave(models.Model):
    """Somebody will be away. It changes no rota by itself: where it meets a shift, both sides are warned until somebody covers."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="leaves")
    kind = models.CharField(max_length=8, choices=leave_kind_choices, default=LeaveKind.HOLIDAY)
    state = models.CharField(max_length=10, choices=leave_state_choices, default=LeaveState.ASKED)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = models.CharField(max_length=160, blank=True)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    uid = models.CharField(max_length=255, blank=True, help_text="Of the event in an imported calendar")

    class Meta:
        ordering = ["starts_at", "pk"]
        verbose_name_plural = "leave"
        indexes = [models.Index(fields=["user", "ends_at", "starts_at"], name="leave_by_person")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="leave_ends_after_start"),
            models.UniqueConstraint(fields=["user", "uid"], condition=~Q(uid=""), name="leave_once_a_uid"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.starts_at:%Y-%m-%d} to {self.ends_at:%Y-%m-%d}"


class Shadow(models.Model):
    """Somebody in training is on call beside whoever is: watching, or leading while they are watched. Never counted as cover."""

    rota = models.ForeignKey(Rota, on_delete=models.CASCADE, related_name="shadows")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=shadow_kind_choices, default=ShadowKind.SHADOW)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    next_at = models.DateTimeField(
        null=True, editable=False, help_text="When its person hears of it next; empty: no more"
    )

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(fields=["rota", "ends_at", "starts_at"], name="shadow_by_rota"),
            models.Index(fields=["user", "ends_at", "starts_at"], name="shadow_by_person"),
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="shadow_tells"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="shadow_ends_after_start")
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.kind} on {self.rota}"
