"""Forms of the catalogue's admin: times of day, holiday countries, links, stages."""

import re
from typing import Any

import holidays
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminTextInputWidget

from core.errors import Invalid
from services import models
from services.domain.links import check_links
from services.domain.objectives import check
from services.models.calendar import MIDNIGHT_END, clock_face
from services.validators import validate_slug_is_free

_TIME = re.compile(r"(\d{1,2})(?::(\d{2}))?", re.ASCII)


class MinutesField(forms.Field):
    """Minutes after midnight, written as 09:30 or 9; 24:00 is the day's end."""

    def __init__(self, **options: Any) -> None:
        widget = UnfoldAdminTextInputWidget(attrs={"placeholder": "09:30", "maxlength": 5})
        super().__init__(widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        return clock_face(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return None
        hit = _TIME.fullmatch(text)
        if not hit:
            raise ValidationError(_("Write a time such as 09:30; 24:00 is the end of the day."))
        minutes = int(hit[1]) * 60 + int(hit[2] or 0)
        if minutes > MIDNIGHT_END or int(hit[2] or 0) > 59:
            raise ValidationError(_("A time lies between 00:00 and 24:00."))
        return minutes


class FrameForm(forms.ModelForm):
    opens = MinutesField()
    closes = MinutesField()

    class Meta:
        model = models.CalendarFrame
        fields = ("weekday", "opens", "closes")


class ExceptionForm(forms.ModelForm):
    opens = MinutesField(required=False, help_text=_("Empty with closes: closed all day"))
    closes = MinutesField(required=False)

    class Meta:
        model = models.CalendarException
        fields = ("date", "opens", "closes", "reason")

    def clean(self) -> dict[str, Any] | None:
        values = super().clean() or {}
        opens, closes = values.get("opens"), values.get("closes")
        if "opens" in self.errors or "closes" in self.errors:
            return values
        if (opens is None) != (closes is None):
            raise ValidationError(_("Give both times, or neither for a day that is closed."))
        if opens is not None and closes <= opens:
            raise ValidationError({"closes": _("Must be after the opening.")})
        return values


class CalendarForm(forms.ModelForm):
    class Meta:
        model = models.BusinessCalendar
        fields = ("name", "slug", "zone", "always_open", "country", "subdivision")

    def clean(self) -> dict[str, Any] | None:
        values = super().clean() or {}
        country = values["country"] = (values.get("country") or "").strip().upper()
        subdivision = (values.get("subdivision") or "").strip()
        known = holidays.list_supported_countries(include_aliases=True)
        if country and country not in known:
            raise ValidationError({"country": _("No public holidays are known for this country.")})
        if subdivision and not country:
            raise ValidationError({"subdivision": _("A state or province needs its country.")})
        if subdivision and subdivision not in known[country]:
            listed = ", ".join(known[country][:40]) or _("none")
            raise ValidationError({"subdivision": _("Known there: %(listed)s.") % {"listed": listed}})
        return values


class ServiceForm(forms.ModelForm):
    class Meta:
        model = models.Service
        fields = (
            "name", "slug", "summary", "client", "tier", "kind", "environment", "lifecycle", "owning_team", "parties",
            "agreement", "support_calendar", "auto_resolve", "links",
        )  # fmt: skip

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        validate_slug_is_free(slug)
        return slug

    def clean_links(self) -> Any:
        try:
            return check_links(self.cleaned_data["links"] or [])
        except Invalid as refusal:
            raise ValidationError(refusal.message) from refusal


class VersionForm(forms.ModelForm):
    class Meta:
        model = models.ModelVersion
        fields = ("model", "version", "stage", "trained_at", "notes")

    def _get_validation_exclusions(self) -> set[str]:
        # a second champion is no mistake here: saving archives the former one
        return super()._get_validation_exclusions() | {"stage"}


class PartyTermsForm(forms.ModelForm):
    class Meta:
        model = models.PartyTerms
        fields = (
            "party", "service", "team", "authority", "scope_in", "scope_out", "entry", "evidence", "timebox_minutes",
            "out_of_hours", "hands_to", "return_path",
        )  # fmt: skip

    def clean(self) -> dict[str, Any] | None:
        values = super().clean() or {}
        if values.get("hands_to") and values.get("hands_to") == values.get("party"):
            raise ValidationError({"hands_to": _("A party doesn't hand on to itself.")})
        for name in ("authority", "evidence"):
            if values.get(name) is None and name not in self.errors:
                values[name] = []
        return values


class ObjectiveForm(forms.ModelForm):
    """Whether the fields of an objective fit together is said by the verb that programs use too."""

    class Meta:
        model = models.Objective
        fields = (
            "name", "slug", "service", "model", "description", "indicator", "unit", "direction", "threshold", "target",
            "window", "zone", "at_risk_percent", "policy", "owner", "excludes_maintenance", "burn_alerts", "is_active",
        )  # fmt: skip

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.errors:
            return
        try:
            check(self.instance)
        except Invalid as refusal:
            for name, words in refusal.fields.items():
                self.add_error(name if name in self.fields else None, words)
