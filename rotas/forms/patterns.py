"""Forms of a rota and of its pattern: when it begins, and its layers, with hours and turns as people write them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import Site, Team, User
from core.validators import validate_zone
from core.wall_times import MINUTE_FORM, WallTimeField
from core.zones import to_local, to_utc
from rotas.choices import level_choices, turns_choices, unit_choices
from rotas.domain.notation import read_turns, read_windows, write_turns, write_windows
from rotas.domain.patterns import MOST_LAYERS, PlannedLayer
from rotas.models import Rota


class PatternForm(forms.Form):
    """When the pattern begins, in the rota's zone, and why."""

    starts_at = WallTimeField(label=_("Holds from"))
    note = forms.CharField(label=_("What changes"), required=False, max_length=160)

    def __init__(self, *args: Any, rota: Rota, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = rota.zone
        self.fields["starts_at"].help_text = _("Time in %(zone)s. What was before stays as it was.") % {
            "zone": rota.zone
        }

    def clean_starts_at(self) -> datetime:
        return to_utc(self.cleaned_data["starts_at"], self.zone)


class LayerPlanForm(forms.Form):
    """One layer."""

    name = forms.CharField(label=_("Name"), max_length=80)
    site = forms.ModelChoiceField(
        None,
        label=_("Site"),
        required=False,
        empty_label=_("None"),
        help_text=_("Whose public holidays count."),
    )
    zone = forms.CharField(
        label=_("Zone"),
        max_length=64,
        validators=[validate_zone],
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )
    turns = forms.CharField(
        label=_("Turns"),
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "One a line, in order. Several people on a line are on call together; “nobody” is a turn off."
        ),
    )
    length = forms.IntegerField(label=_("A turn lasts"), min_value=1, max_value=366, initial=1)
    unit = forms.ChoiceField(label=_("Unit"), choices=unit_choices)
    anchor = WallTimeField(
        label=_("First turn begins"), help_text=_("On the layer's clock; its time of day repeats.")
    )
    hours = forms.CharField(
        label=_("On at"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Such as Mon–Fri 18:00–08:00, one a line. Empty: always."),
    )
    priority = forms.IntegerField(
        label=_("Priority"),
        min_value=0,
        max_value=1000,
        initial=0,
        help_text=_("The highest with somebody wins."),
    )
    counted = forms.ChoiceField(label=_("Turns are"), choices=turns_choices)
    every_other = forms.BooleanField(label=_("Every other turn is off"), required=False)
    count_closed = forms.BooleanField(label=_("Days off use up turns"), required=False)

    def __init__(self, *args: Any, people: Sequence[User], sites: Sequence[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        field = self.fields["site"]
        field.queryset = Site.objects.all()
        field.choices = [("", _("None")), *((site.pk, site.name) for site in sites)]

    def clean_turns(self) -> tuple[tuple[int, ...], ...]:
        return _read(read_turns, self.cleaned_data["turns"], self.people)

    def clean_hours(self) -> Any:
        return _read(read_windows, self.cleaned_data["hours"])

    def planned(self) -> PlannedLayer:
        """The layer that was typed; the form is valid."""
        data = self.cleaned_data
        site = data["site"]
        return PlannedLayer(
            name=data["name"],
            zone=data["zone"],
            anchor=data["anchor"],
            turns=data["turns"],
            site_id=site.pk if site else None,
            priority=data["priority"],
            unit=data["unit"],
            length=data["length"],
            counted=data["counted"],
            count_closed=data["count_closed"],
            every_other=data["every_other"],
            windows=data["hours"],
        )


def _read(reader: Any, *words: Any) -> Any:
    try:
        return reader(*words)
    except ValueError as error:
        raise ValidationError(str(error)) from error


class PlanForms:
    """The whole form of a pattern: the head and its layers, as sent or as they are at first.

    What was typed survives adding and removing a layer.
    """

    def __init__(
        self,
        rota: Rota,
        people: Sequence[User],
        *,
        data: QueryDict | None = None,
        layers: Sequence[PlannedLayer] = (),
        now: datetime,
    ) -> None:
        self.rota, self.people = rota, people
        self.sites = list(Site.objects.order_by("position", "name"))
        self._by_key = {person.pk: person for person in people}
        if data is None:
            start = to_local(now, rota.zone).strftime(MINUTE_FORM)
            self.head = PatternForm(rota=rota, initial={"starts_at": start})
            self.layers = [
                self._layer(number, initial=self._typed(each)) for number, each in enumerate(layers)
            ]
        else:
            self.head = PatternForm(data, rota=rota)
            self.layers = [self._layer(number, data) for number in range(_count(data))]

    def _layer(self, number: int, data: QueryDict | None = None, **more: Any) -> LayerPlanForm:
        return LayerPlanForm(data, prefix=f"layer-{number}", people=self.people, sites=self.sites, **more)

    def _typed(self, layer: PlannedLayer) -> dict[str, Any]:
        return {
            "name": layer.name,
            "site": layer.site_id or "",
            "zone": layer.zone,
            "turns": write_turns(layer.turns, self._by_key),
            "length": layer.length,
            "unit": layer.unit,
            "anchor": layer.anchor.strftime(MINUTE_FORM),
            "hours": write_windows(layer.windows),
            "priority": layer.priority,
            "counted": layer.counted,
            "every_other": layer.every_other,
            "count_closed": layer.count_closed,
        }

    def is_valid(self) -> bool:
        """Whether head and every layer are; all are looked at, so that all faults show."""
        return all([self.head.is_valid(), *(form.is_valid() for form in self.layers)])

    def planned(self) -> list[PlannedLayer]:
        """The layers; all is valid."""
        return [form.planned() for form in self.layers]

    def put_faults(self, faults: dict[str, str]) -> None:
        """Faults of the domain ("0.zone", "starts_at") at their fields."""
        for place, words in faults.items():
            number, _dot, name = place.partition(".")
            if name and number.isdigit() and int(number) < len(self.layers):
                form = self.layers[int(number)]
                form.add_error("hours" if name == "windows" else name if name in form.fields else None, words)
            else:
                self.head.add_error(place if place in self.head.fields else None, words)


def with_layer_more(data: QueryDict) -> QueryDict:
    """What was sent, with one layer more: like the last, on its own name."""
    changed, count = data.copy(), _count(data)
    if count < MOST_LAYERS:
        for name in LayerPlanForm.base_fields:
            if (
                count
                and (value := data.get(f"layer-{count - 1}-{name}")) is not None
                and name not in {"name", "turns"}
            ):
                changed[f"layer-{count}-{name}"] = value
        changed["layers"] = str(count + 1)
    return changed


def with_layer_less(data: QueryDict, gone: int) -> QueryDict:
    """What was sent, without one layer; those behind it move up."""
    changed, count = data.copy(), _count(data)
    if not 0 <= gone < count or count == 1:
        return changed
    for number in range(gone, count):
        for name in LayerPlanForm.base_fields:
            changed.pop(f"layer-{number}-{name}", None)
            if number + 1 < count and f"layer-{number + 1}-{name}" in data:
                changed[f"layer-{number}-{name}"] = data[f"layer-{number + 1}-{name}"]
    changed["layers"] = str(count - 1)
    return changed


def _count(data: QueryDict) -> int:
    try:
        return min(max(int(data.get("layers", "1")), 1), MOST_LAYERS)
    except ValueError:
        return 1


class RotaForm(forms.ModelForm):
    """A new rota; its pattern comes next."""

    class Meta:
        model = Rota
        fields = ["name", "team", "level", "zone", "owner"]
        help_texts = {
            "zone": _("In which it is drawn, e.g. Africa/Nairobi."),
            "owner": _("Hears of gaps ahead. Empty: the team's lead."),
        }

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = Team.objects.order_by("name")
        self.fields["level"].choices = level_choices()
        self.fields["zone"].widget.attrs.update({"list": "zones", "autocomplete": "off"})
        self.fields["owner"].choices = [
            ("", _("The team's lead")),
            *((each.pk, str(each)) for each in people),
        ]
