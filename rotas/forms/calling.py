"""Forms of calling before it matters: the simulator, and drills."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.validators import validate_zone
from core.wall_times import WallTimeField
from services.choices import severity_choices
from services.models import Service


class SimulatorForm(forms.Form):
    """If this service breaks this badly at that time."""

    service = forms.ChoiceField(label=_("Service"))
    severity = forms.ChoiceField(label=_("Severity"), choices=severity_choices)
    at = WallTimeField(label=_("When"))
    zone = forms.CharField(
        label=_("On the clock of"),
        max_length=64,
        validators=[validate_zone],
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )
    alerts = forms.IntegerField(label=_("Alerts at once"), min_value=1, max_value=100_000, initial=1)

    def __init__(self, *args: Any, services: Sequence[Service], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].choices = [(each.slug, each.name) for each in services]


class DrillForm(forms.Form):
    """Which service's chain is called, as for which severity."""

    service = forms.ChoiceField(label=_("Service"))
    severity = forms.ChoiceField(label=_("As for"), choices=severity_choices)

    def __init__(self, *args: Any, services: Sequence[Service], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].choices = [(each.slug, each.name) for each in services]
