from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from rotas.models.people import Skill
from rotas.models.rota import Rota


class CoverNeed(models.Model):
    """How many must be on call of a rota at which hours of its own zone, and with which skill. Without any: one, always."""

    rota = models.ForeignKey(Rota, on_delete=models.CASCADE, related_name="needs")
    people = models.PositiveSmallIntegerField(default=1)
    weekdays = ArrayField(models.PositiveSmallIntegerField(), help_text="0 Monday … 6 Sunday")
    start = models.TimeField(default="00:00")
    end = models.TimeField(default="00:00", help_text="At or before the start: past midnight")
    skill = models.ForeignKey(
        Skill,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="So many of those on call must have it",
    )

    class Meta:
        ordering = ["start", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(people__gte=1, people__lte=50), name="need_people_sane")
        ]

    def __str__(self) -> str:
        return f"{self.rota}: {self.people} from {self.start:%H:%M} to {self.end:%H:%M}"


class Cover(models.Model):
    """Who was, is and will be on call of a rota, worked out: stretches that tile time, a row for each person in one.

    `place` is the order of calling; a stretch in which nobody is has one row without a person. `layer`, `override` and
    `version` are the keys of what it was derived from, which may be gone; `why` says it in words. What is past is never
    rewritten.
    """

    rota = models.ForeignKey(Rota, on_delete=models.PROTECT, related_name="cover")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.PositiveSmallIntegerField(default=0)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    layer = models.BigIntegerField(null=True)
    override = models.BigIntegerField(null=True)
    version = models.BigIntegerField(null=True)
    why = models.CharField(max_length=200, blank=True)
    derived_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True, help_text="When its person hears of it next; empty: no more")

    class Meta:
        ordering = ["starts_at", "place"]
        verbose_name_plural = "cover"
        indexes = [
            models.Index(fields=["user", "ends_at", "starts_at"], name="cover_by_person"),
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="cover_tells"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["rota", "starts_at", "place"], name="cover_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="cover_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.rota} {self.starts_at:%Y-%m-%d %H:%M}: {self.user or 'nobody'}"
