from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.validators import validate_zone
from services.choices import weekday_choices

MIDNIGHT_END = 24 * 60


class BusinessCalendar(models.Model):
    """When the clocks of an agreement run: a zone, open frames a weekday, public holidays, dated exceptions."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    zone = models.CharField(max_length=64, validators=[validate_zone], help_text="IANA zone of all its times")
    always_open = models.BooleanField(default=False, help_text="24×7: frames and holidays don't count")
    country = models.CharField(
        max_length=2, blank=True, help_text="ISO country whose public holidays are closed; empty for none"
    )
    subdivision = models.CharField(
        max_length=8, blank=True, help_text="State or province, where holidays differ"
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CalendarFrame(models.Model):
    """One open frame of a weekday. Several make lunch breaks; past midnight is two frames."""

    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.CASCADE, related_name="frames")
    weekday = models.PositiveSmallIntegerField(choices=weekday_choices)
    opens = models.PositiveSmallIntegerField(help_text="Minutes after local midnight")
    closes = models.PositiveSmallIntegerField(help_text="Minutes after local midnight; 1440 is the day's end")

    class Meta:
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens"), closes__lte=MIDNIGHT_END), name="frame_within_day"
            ),
            models.UniqueConstraint(fields=["calendar", "weekday", "opens"], name="frame_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {clock_face(self.opens)}–{clock_face(self.closes)}"

    def clean(self) -> None:
        if self.opens is not None and self.closes is not None and self.closes <= self.opens:
            raise ValidationError(
                {"closes": _("Must be after the opening. Past midnight is a second frame.")}
            )


class CalendarException(models.Model):
    """A dated day that differs: closed, or open in one frame. Wins over weekday and holiday."""

    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.CASCADE, related_name="exceptions")
    date = models.DateField()
    opens = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Empty with closes: closed all day"
    )
    closes = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["date", "opens"]
        constraints = [
            models.CheckConstraint(
                condition=Q(opens__isnull=True, closes__isnull=True)
                | Q(opens__isnull=False, closes__gt=F("opens"), closes__lte=MIDNIGHT_END),
                name="exception_whole_or_frame",
            ),
            models.UniqueConstraint(
                fields=["calendar", "date", "opens"], name="exception_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        if self.opens is None or self.closes is None:
            return f"{self.date}: closed"
        return f"{self.date}: {clock_face(self.opens)}–{clock_face(self.closes)}"


def clock_face(minutes: int) -> str:
    """Minutes after midnight as 09:30; 1440 is 24:00."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
