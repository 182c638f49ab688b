"""Forms of alerts and intake."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from monitoring.models import Integration
from monitoring.models.integration import DEFAULT_RATE, MAX_RATE
from monitoring.sources import all_sources
from services.models import Service


class RouteForm(forms.Form):
    """Whose is this alert?"""

    service = forms.ModelChoiceField(
        Service.objects.none(), to_field_name="slug", label=_("Service"), empty_label=_("Choose a service")
    )

    def __init__(self, *args: Any, services: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = services
        self.fields["service"].widget.attrs["class"] = "form-select"


class RateMixin(forms.ModelForm):
    """A rate that was left empty is the usual one."""

    rate = forms.IntegerField(
        label=_("Alerts a minute"),
        required=False,
        min_value=1,
        max_value=MAX_RATE,
        initial=DEFAULT_RATE,
        help_text=_("Above it they are counted together. Nothing is dropped."),
    )

    def clean_rate(self) -> int:
        return self.cleaned_data.get("rate") or DEFAULT_RATE


class IntegrationForm(RateMixin):
    """A new door for a tool."""

    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    source = forms.ChoiceField(
        label=_("Source"), choices=lambda: [(each.slug, each.label) for each in all_sources()]
    )

    class Meta:
        model = Integration
        fields = ["source", "name", "service", "service_label", "rate"]
        labels = {
            "service": _("Service"),
            "service_label": _("Label that names the service"),
        }
        help_texts = {
            "service": _("Where alerts go that name no service. Empty: they wait under Unrouted."),
            "service_label": _("Its value is the slug of a service of the catalogue."),
        }


class RateForm(forms.Form):
    """How many alerts a minute one integration may send before they are counted together."""

    rate = forms.IntegerField(label=_("Alerts a minute"), min_value=1, max_value=MAX_RATE)
