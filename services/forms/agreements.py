"""Forms of agreements: trying one, putting a version in force, ending one."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.wall_times import WallTimeField
from core.zones import UnknownZone, table
from services.choices import severity_choices
from services.models import Agreement, Service


class TryForm(forms.Form):
    """An incident that might be. Wall-clock times are of `zone`."""

    severity = forms.ChoiceField(label=_("Severity"), choices=severity_choices, initial="SEV2")
    raised = WallTimeField(label=_("Raised at"))
    zone = forms.CharField(
        label=_("Zone"), max_length=64, widget=forms.TextInput({"list": "zones", "autocomplete": "off"})
    )
    service = forms.ModelChoiceField(
        Service.objects.none(),
        label=_("Of"),
        required=False,
        empty_label=_("Any service"),
        to_field_name="slug",
    )
    version = forms.ChoiceField(label=_("By"), required=False)
    held_from = WallTimeField(label=_("On hold from"), required=False)
    held_to = WallTimeField(label=_("To"), required=False)

    def __init__(self, *args: Any, agreement: Agreement, services: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = services
        numbers = agreement.versions.order_by("-number").values_list("number", "state")
        named = [
            (str(number), f"v{number}" + (f" ({_('draft')})" if state == "draft" else ""))
            for number, state in numbers
        ]
        self.fields["version"].choices = [("", _("What holds then")), *named]

    def clean_zone(self) -> str:
        zone = str(self.cleaned_data["zone"])
        try:
            table(zone)
        except UnknownZone:
            raise ValidationError(_("A zone such as Africa/Nairobi.")) from None
        return zone

    def clean(self) -> dict[str, Any] | None:
        values = super().clean() or {}
        begins, ends = values.get("held_from"), values.get("held_to")
        if (begins is None) != (ends is None) and not self.errors:
            raise ValidationError(_("Give both times of the hold, or neither."))
        if begins is not None and ends is not None and ends < begins:
            raise ValidationError({"held_to": _("A hold ends after it begins.")})
        return values


class PublishForm(forms.Form):
    """When a draft begins to hold. Without a time: at once."""

    valid_from = WallTimeField(
        label=_("In force from"), required=False, help_text=_("Empty: now. In your zone.")
    )
    note = forms.CharField(label=_("What changes, and why"), max_length=300)
