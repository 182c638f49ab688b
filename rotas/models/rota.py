from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import Site, Team
from core.validators import validate_zone
from rotas.choices import (
    HolidayRule,
    Level,
    Turns,
    Unit,
    holiday_rule_choices,
    level_choices,
    turns_choices,
    unit_choices,
)


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
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Hears of gaps ahead. Empty: the team's lead",
    )
    holiday_rule = models.CharField(
        max_length=8,
        choices=holiday_rule_choices,
        default=HolidayRule.COVER,
        db_default=HolidayRule.COVER,
        help_text="On public holidays of a layer's site, from midnight to midnight in the layer's zone",
    )
    holiday_people = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="+",
        help_text="On call together on public holidays, where a named list covers them",
    )
    warn_days = models.PositiveSmallIntegerField(
        default=14, db_default=14, help_text="How many days ahead gaps are told of"
    )
    is_standby = models.BooleanField(
        default=False,
        db_default=False,
        help_text="On call from home, not shift work: rest between shifts and hours a week don't count",
    )
    hands_over = models.BooleanField(
        default=True, db_default=True, help_text="A hand-over is drafted whenever the people on call change"
    )
    # Kept by the cover engine: when its cover is worked out next, from when on it is out of date, up to when it stands, and
    # the gaps ahead that were told of (start, end, skill).
    told_gaps = models.JSONField(default=list, db_default=[], editable=False)
    cover_at = models.DateTimeField(null=True, editable=False)
    cover_from = models.DateTimeField(null=True, editable=False)
    covered_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["level", "name"]
        indexes = [models.Index(fields=["cover_at"], name="rota_cover_due")]

    def __str__(self) -> str:
        return self.name


class RotaVersion(models.Model):
    """From `starts_at` on this is the pattern; what was before stays as it was.

    Layers without a version are the pattern that the rota began with. A version holds until the next one begins; one
    that was undone counts for nothing.
    """

    rota = models.ForeignKey(Rota, on_delete=models.CASCADE, related_name="versions")
    starts_at = models.DateTimeField()
    note = models.CharField(max_length=160, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["rota", "starts_at"], condition=Q(undone_at__isnull=True), name="one_version_a_start"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rota} from {self.starts_at:%Y-%m-%d %H:%M} UTC"


class Layer(models.Model):
    """One rotation within a rota: turns of people, in the layer's own zone, within weekly windows."""

    rota = models.ForeignKey(Rota, on_delete=models.CASCADE, related_name="layers")
    version = models.ForeignKey(
        RotaVersion,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="layers",
        help_text="The dated pattern it belongs to. Empty: the one that the rota began with",
    )
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
    count_closed = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Hours and days on which no window is open use up a turn as well",
    )
    every_other = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Every other turn is off: nobody of this layer is on call in it",
    )
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
    """A person's turn in a layer; several with the same turn are on call together. Without a person the turn is nobody's."""

    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: nobody, so that a lower layer fills in",
    )
    turn = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["turn", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["layer", "turn", "user"], name="layer_member_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.turn}: {self.user or 'nobody'}"


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
    takes_over = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Whoever covers is on call alone, whoever was: for events",
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
            models.CheckConstraint(
                condition=Q(takes_over=False) | Q(user__isnull=False, replaces__isnull=True),
                name="override_takes_over_with_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rota}: {self.starts_at:%Y-%m-%d %H:%M} to {self.ends_at:%Y-%m-%d %H:%M}"
