from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import Site, Team
from core.validators import validate_zone
from rotas.choices import Level, Turns, Unit, level_choices, turns_choices, unit_choices


class Rota(models.Model):
    """Who is on call for a team and level: layers, the highest with somebody wins, and overrides."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="rotas")
    level = models.CharField(max_length=12, choices=level_choices, default=Level.L1)
    zone = models.CharField(
        max_length=64, validators=[validate_zone], default="UTC", help_text="In which it is drawn"
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["level", "name"]

    def __str__(self) -> str:
        return self.name


class Layer(models.Model):
    """One rotation within a rota: turns of people, in the layer's own zone, within weekly windows."""

    rota = models.ForeignKey(Rota, on_delete=models.CASCADE, related_name="layers")
    name = models.CharField(max_length=80)
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    priority = models.PositiveSmallIntegerField(default=0, help_text="Higher wins where layers overlap")
    zone = models.CharField(max_length=64, validators=[validate_zone])
    unit = models.CharField(max_length=8, choices=unit_choices, default=Unit.WEEKLY)
    length = models.PositiveSmallIntegerField(default=1, help_text="Units a turn lasts")
    anchor = models.DateTimeField(
        help_text="First hand-over; its wall-clock time in the layer's zone repeats"
    )
    turns = models.CharField(max_length=8, choices=turns_choices, default=Turns.ANCHOR)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-priority", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(length__gte=1, length__lte=366), name="layer_length_sane"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(starts_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="layer_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rota}: {self.name}"


class LayerMember(models.Model):
    """A person's turn in a layer; several with the same turn are on call together."""

    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    turn = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["turn", "pk"]
        constraints = [models.UniqueConstraint(fields=["layer", "turn", "user"], name="layer_member_once")]

    def __str__(self) -> str:
        return f"{self.turn}: {self.user}"


class LayerWindow(models.Model):
    """When a layer is active: weekdays, from, to; an end at or before the start means past midnight."""

    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="windows")
    weekdays = ArrayField(models.PositiveSmallIntegerField(), help_text="0 Monday … 6 Sunday")
    start = models.TimeField()
    end = models.TimeField()

    class Meta:
        ordering = ["start", "pk"]

    def __str__(self) -> str:
        return f"{self.start:%H:%M}–{self.end:%H:%M}"


class Override(models.Model):
    """For a while somebody else: add, remove or replace. Half-open."""

    rota = models.ForeignKey(Rota, on_delete=models.CASCADE, related_name="overrides")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="covers",
    )
    replaces = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty with a cover: added beside whoever is on call",
    )
    reason = models.CharField(max_length=160, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["rota", "ends_at", "starts_at"], name="override_by_rota")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="override_ends_after_start"),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(replaces__isnull=False), name="override_says_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rota}: {self.starts_at:%Y-%m-%d %H:%M} to {self.ends_at:%Y-%m-%d %H:%M}"
