"""Wall-clock times as people type them."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.zones import to_utc

MINUTE_FORM = "%Y-%m-%dT%H:%M"


class WallTimeField(forms.Field):
    """A wall-clock time without a zone, as `datetime-local` sends it; the form knows the zone."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTE_FORM)

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        try:
            wall = datetime.fromisoformat(str(value))
        except ValueError:
            raise ValidationError(_("Write it as 2026-11-25T12:00."), code="invalid") from None
        if wall.tzinfo is not None or not 1970 < wall.year < 2200:
            raise ValidationError(_("A wall-clock time of this century, without a zone."), code="invalid")
        return wall


class MomentField(forms.DateTimeField):
    """An instant, typed by the reader's clock; the view activates their zone (`timezone.override`)."""

    widget = forms.DateTimeInput({"type": "datetime-local"}, format=MINUTE_FORM)


def instant_of(wall: datetime | None, zone: str) -> datetime | None:
    """The instant (UTC) that a wall clock of a zone shows; None for none."""
    return None if wall is None else to_utc(wall, zone)
