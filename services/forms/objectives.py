"""Forms of the catalogue's pages."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.wall_times import MomentField
from services.domain.openslo import MOST_BYTES
from services.models import Service


class _ServicesField(forms.ModelMultipleChoiceField):
    """Several services, by their names and those of their clients."""

    def label_from_instance(self, service: Service) -> str:
        return f"{service.name} · {service.client_name}"


class MaintenanceForm(forms.Form):
    """Planned work; times by the reader's clock."""

    title = forms.CharField(label=_("What is done"), max_length=120)
    services = _ServicesField(
        Service.objects.none(),
        label=_("Services"),
        to_field_name="slug",
        widget=forms.SelectMultiple({"size": 6}),
    )
    starts_at = MomentField(label=_("From"))
    ends_at = MomentField(label=_("To"))
    announced = forms.BooleanField(
        label=_("The clients were told"),
        required=False,
        help_text=_("Only then it is left out of their uptime."),
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, *args: Any, services: QuerySet[Service], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["services"].queryset = services


class OpenSLOForm(forms.Form):
    """OpenSLO documents: a file, or text pasted."""

    file = forms.FileField(
        label=_("File (.yaml)"),
        required=False,
        max_length=200,
        widget=forms.ClearableFileInput(attrs={"accept": ".yaml,.yml,application/yaml"}),
    )
    text = forms.CharField(
        label=_("Or the text itself"),
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 14, "spellcheck": "false", "class": "mono"}),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        given = values.get("file")
        if given is not None:
            if given.size > MOST_BYTES:
                raise ValidationError({"file": _("At most 200 kB at once; send the objectives in parts.")})
            values["text"] = given.read().decode("utf-8", "replace")
        if not (values.get("text") or "").strip() and not self.errors:
            raise ValidationError(_("Choose a file, or paste its text."))
        return values


class MonthForm(forms.Form):
    """A month as 2026-11, and whose services."""

    month = forms.CharField(required=False, max_length=7)
    client = forms.SlugField(required=False)

    def clean_month(self) -> date | None:
        text = self.cleaned_data["month"]
        if not text:
            return None
        try:
            found = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            raise ValidationError(_("A month is written 2026-11.")) from None
        if not 1970 <= found.year < 2150:
            raise ValidationError(_("This month is too far away."))
        return found
