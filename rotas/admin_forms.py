"""Forms of the admin: wall-clock times in the layer's own zone, and rules said in sentences."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from core.wall_times import MINUTE_FORM, WallTimeField
from core.zones import UnknownZone, to_local, to_utc
from rotas.choices import Hours, TargetKind
from rotas.models import (
    CoverNeed,
    EscalationPolicy,
    Layer,
    LayerMember,
    LayerWindow,
    PolicyStep,
    StepTarget,
)
from rotas.rules import can_be_on_call
from services.choices import severity_choices, weekday_choices

_TARGET_FIELDS: dict[TargetKind, str] = {
    TargetKind.ON_CALL: "rota",
    TargetKind.NEXT_ON_CALL: "rota",
    TargetKind.PERSON: "user",
    TargetKind.TEAM_LEAD: "team",
    TargetKind.TEAM: "team",
    TargetKind.WORKING: "team",
    TargetKind.CONTACT: "contact",
    TargetKind.OWNER: "",
}
_WALL_TIMES = ("anchor", "starts_at", "ends_at")


def _wall_widget() -> forms.Widget:
    widget: forms.Widget = UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"})
    return widget


class LayerForm(forms.ModelForm):
    """A layer. Its three times are typed and shown as its own zone's wall clocks show them."""

    anchor = WallTimeField(
        label=_("First hand-over"),
        widget=_wall_widget(),
        help_text=_("In the layer's zone. The first turn begins here; its time of day repeats."),
    )
    starts_at = WallTimeField(
        label=_("Valid from"),
        required=False,
        widget=_wall_widget(),
        help_text=_("In the layer's zone. Empty: always."),
    )
    ends_at = WallTimeField(
        label=_("Valid until"),
        required=False,
        widget=_wall_widget(),
        help_text=_("In the layer's zone. Empty: always."),
    )

    class Meta:
        model = Layer
        fields = [
            "rota",
            "version",
            "name",
            "site",
            "priority",
            "zone",
            "unit",
            "length",
            "turns",
            "count_closed",
            "every_other",
            "anchor",
            "starts_at",
            "ends_at",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in _WALL_TIMES:
                at = getattr(self.instance, name)
                self.initial[name] = to_local(at, self.instance.zone).strftime(MINUTE_FORM) if at else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        zone = cleaned.get("zone")
        for name in _WALL_TIMES:
            if zone and cleaned.get(name):
                try:
                    cleaned[name] = to_utc(cleaned[name], zone)
                except UnknownZone as error:
                    raise ValidationError({"zone": str(error)}) from error
        version, rota = cleaned.get("version"), cleaned.get("rota")
        if version is not None and rota is not None and version.rota_id != rota.pk:
            self.add_error("version", _("A pattern of this rota, or none."))
        starts, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        if zone and starts and ends and ends <= starts:
            self.add_error("ends_at", _("Must be after the start."))
        return cleaned


class WindowForm(forms.ModelForm):
    """When a layer is on: weekdays by name."""

    weekdays = forms.TypedMultipleChoiceField(
        label=_("Weekdays"), choices=weekday_choices, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = LayerWindow
        fields = ["weekdays", "start", "end"]
        help_texts = {"end": _("At or before the start: past midnight. 08:00 to 08:00 lasts a day.")}


class NeedForm(WindowForm):
    """How many are needed when: weekdays by name."""

    class Meta:
        model = CoverNeed
        fields = ["people", "weekdays", "start", "end", "skill"]
        help_texts = WindowForm.Meta.help_texts


class MemberForm(forms.ModelForm):
    """Whose turn it is; nobody's where no person is chosen."""

    class Meta:
        model = LayerMember
        fields = ["turn", "user"]

    def clean_user(self) -> Any:
        user = self.cleaned_data["user"]
        if user is not None and "user" in self.changed_data and not can_be_on_call(user):
            raise ValidationError(
                _("%(user)s can't be on call: only active people of support can.") % {"user": user}
            )
        return user


class StepForm(forms.ModelForm):
    """A step, with the conditions under which it calls."""

    severities = forms.MultipleChoiceField(
        label=_("Only for"),
        choices=severity_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: for all."),
    )

    class Meta:
        model = PolicyStep
        fields = [
            "policy", "position", "wait_minutes", "waits_for_hours", "severities", "hours", "alerts_more_than",
            "alerts_within_minutes", "round_robin", "then_policy",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("hours", "alerts_within_minutes"):
            self.fields[name].required = False

    def clean_hours(self) -> str:
        return self.cleaned_data["hours"] or Hours.ANY

    def clean_alerts_within_minutes(self) -> int:
        return self.cleaned_data["alerts_within_minutes"] or 10

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("then_policy") is not None and cleaned["then_policy"] == cleaned.get("policy"):
            self.add_error("then_policy", _("Another policy than its own."))
        return cleaned


class TargetForm(forms.ModelForm):
    """Whom a step calls: exactly what its kind names."""

    class Meta:
        model = StepTarget
        fields = ["kind", "rota", "user", "team", "contact"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("kind")
        if kind not in TargetKind.values:
            return cleaned
        wanted = _TARGET_FIELDS[TargetKind(kind)]
        for name in dict.fromkeys(filter(None, _TARGET_FIELDS.values())):
            if name == wanted and not cleaned.get(name) and name not in self.errors:
                self.add_error(
                    name, _("Choose it: the step calls “%(kind)s”.") % {"kind": TargetKind(kind).label}
                )
            elif name != wanted and cleaned.get(name):
                self.add_error(
                    name, _("Leave it empty: the step calls “%(kind)s”.") % {"kind": TargetKind(kind).label}
                )
        return cleaned


class PolicyForm(forms.ModelForm):
    """A policy; one of all is the default."""

    class Meta:
        model = EscalationPolicy
        fields = ["name", "slug", "repeats", "fallback", "repage_minutes", "is_default", "is_active"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        other = EscalationPolicy.objects.filter(is_default=True).exclude(pk=self.instance.pk).first()
        if cleaned.get("is_default") and other is not None:
            self.add_error(
                "is_default",
                _("%(policy)s is the default already. Take it off there first.") % {"policy": other},
            )
        fallback = cleaned.get("fallback")
        if fallback is not None and "fallback" in self.changed_data and not can_be_on_call(fallback):
            self.add_error(
                "fallback", _("%(user)s can't be called: not active in support.") % {"user": fallback}
            )
        if cleaned.get("repeats") is not None and cleaned["repeats"] > 20:
            self.add_error("repeats", _("At most 20."))
        return cleaned
