"""Forms of rotas."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.zones import to_local, to_utc
from rotas.models import Rota
from rotas.queries.visible import callable_people

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


class OverrideForm(forms.Form):
    """Who covers whom, from when to when in the rota's zone. Cleaned times are UTC."""

    user = forms.ModelChoiceField(
        None,
        required=False,
        label=_("Covers"),
        empty_label=_("Nobody"),
        help_text=_("Who is on call instead, or as well."),
    )
    replaces = forms.ModelChoiceField(
        None,
        required=False,
        label=_("Away"),
        empty_label=_("Nobody"),
        help_text=_("Whose place it is. Nobody: on call as well."),
    )
    starts_at = WallTimeField(label=_("From"))
    ends_at = WallTimeField(label=_("To"))
    reason = forms.CharField(label=_("Reason"), required=False, max_length=160)

    def __init__(self, *args: Any, rota: Rota, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = rota.zone
        people = callable_people()
        choices = [("", _("Nobody")), *((person.pk, str(person)) for person in people)]
        for name in ("user", "replaces"):
            self.fields[name].queryset = people
            # one query for both lists
            self.fields[name].choices = choices
        self.fields["starts_at"].help_text = self.fields["ends_at"].help_text = _("Time in %(zone)s") % {
            "zone": rota.zone
        }
        hour = to_local(now, rota.zone).replace(minute=0, second=0, microsecond=0)
        self.fields["starts_at"].initial = hour

    def clean_starts_at(self) -> datetime:
        return to_utc(self.cleaned_data["starts_at"], self.zone)

    def clean_ends_at(self) -> datetime:
        return to_utc(self.cleaned_data["ends_at"], self.zone)
