"""Forms of incidents: one small form for each verb that needs an answer, and the record itself."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.instants import shown_in
from core.validators import validate_past
from core.wall_times import MomentField
from incidents.choices import (
    Visibility,
    felt_choices,
    replan_how_choices,
    sayable_resolution_choices,
    verdict_choices,
    visibility_choices,
)
from incidents.models import Incident
from incidents.models.incident import MAX_SUMMARY
from incidents.queries.owners import owners
from rotas.queries.steps_now import StepNow
from rotas.queries.visible import callable_people
from services.choices import afterwards_choices, party_choices, severity_choices
from services.models import Agreement, BusinessCalendar, ModelVersion, Service


class PlainForm(forms.Form):
    """A verb that needs nothing; a word on why is welcome."""

    note = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )


class AssignForm(forms.Form):
    owner = forms.ModelChoiceField(
        User.objects.none(), label=_("Owner"), required=False, empty_label=_("Nobody")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners()

    def ask_later(self, owner: User | None, url: str) -> None:
        """Offer only who owns it now; the browser asks `url` for the rest once the list is seen."""
        field = self.fields["owner"]
        field.widget.choices = [("", field.empty_label), *([(owner.pk, str(owner))] if owner else [])]
        _ask_later(field.widget, url)


def _ask_later(widget: forms.Widget, url: str) -> None:
    # The form's own target would be inherited.
    widget.attrs |= {
        "hx-get": url, "hx-trigger": "intersect once", "hx-target": "this", "hx-swap": "innerHTML",
    }  # fmt: skip


class HoldForm(forms.Form):
    party = forms.ChoiceField(label=_("Waits for"), choices=party_choices, initial="client")
    reason = forms.CharField(
        label=_("What we wait for"),
        max_length=300,
        help_text=_("The client reads it. Clocks that may pause stand still until you resume."),
    )


class ResolveForm(forms.Form):
    resolution = forms.ChoiceField(
        label=_("How it ended"), choices=sayable_resolution_choices, initial="fixed"
    )
    note = forms.CharField(
        label=_("What was done"), required=False, max_length=5000, widget=forms.Textarea({"rows": 4})
    )


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Why it should not have been opened"),
        max_length=1000,
        help_text=_("It leaves the numbers; the record stays."),
    )


class EscalateForm(forms.Form):
    """A step of the policy, or somebody by name; neither is the next step."""

    step = forms.IntegerField(
        label=_("Step of the policy"),
        required=False,
        min_value=1,
        max_value=100,
        widget=forms.Select(choices=[("", _("The next one"))]),
    )
    person = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Or somebody by name"),
        required=False,
        empty_label=_("Nobody by name"),
        help_text=_("Called at once; the chain goes on behind."),
    )
    note = forms.CharField(
        label=_("Why"), required=False, max_length=1000, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = callable_people()

    def ask_later(self, steps: str, people: str) -> None:
        """The browser asks these two addresses for the steps and the people once the lists are seen."""
        person = self.fields["person"]
        person.widget.choices = [("", person.empty_label)]
        _ask_later(person.widget, people)
        _ask_later(self.fields["step"].widget, steps)

    def offer(self, steps: Sequence[StepNow]) -> None:
        """The steps of the policy, with who is on each now."""
        words = [(step.number, f"{step.number} · {step.who}") for step in steps]
        self.fields["step"].widget.choices = [("", _("The next one")), *words]


class DeliverForm(forms.Form):
    """What was promised for after the end is there."""

    what = forms.ChoiceField(label=_("What was delivered"), choices=afterwards_choices)
    url = forms.CharField(
        label=_("Where it is"),
        required=False,
        max_length=1000,
        widget=forms.URLInput({"placeholder": "https://", "autocomplete": "off"}),
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=1000, widget=forms.Textarea({"rows": 2})
    )


class CorrectForm(forms.Form):
    """Ask that a broken promise counts otherwise."""

    verdict = forms.ChoiceField(label=_("It should count as"), choices=verdict_choices)
    reason = forms.CharField(
        label=_("Why"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Another lead decides. The breach stays written, with both."),
    )


class ApplyForm(forms.Form):
    """Apply what holds now to what counts already: of an agreement, or by a calendar."""

    agreement = forms.ModelChoiceField(
        Agreement.objects.all(), label=_("Agreement"), required=False, empty_label=_("None")
    )
    calendar = forms.ModelChoiceField(
        BusinessCalendar.objects.all(), label=_("Or a calendar"), required=False, empty_label=_("None")
    )
    how = forms.ChoiceField(label=_("How"), choices=replan_how_choices, initial="keep")
    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        help_text=_("Stands on the timeline of each incident whose time moves."),
    )


class HandOffForm(forms.Form):
    """To whom, and what is brought along: `evidence-<key>` fields, which the browser asks for once a party is chosen."""

    party = forms.ChoiceField(label=_("Hand it to"), choices=party_choices)
    note = forms.CharField(
        label=_("Anything else they should know"),
        required=False,
        max_length=5000,
        widget=forms.Textarea({"rows": 3}),
    )

    def ask_later(self, url: str, *, when: str = "intersect once, change") -> None:
        """The browser asks `url` for what the chosen party wants."""
        self.fields["party"].widget.attrs |= {
            "hx-get": url, "hx-trigger": when, "hx-target": "#hand-off-evidence", "hx-swap": "innerHTML",
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        begins = "evidence-"
        values["evidence"] = {
            name[len(begins) :]: self.data[name] for name in self.data if name.startswith(begins)
        }
        return values


class BounceForm(forms.Form):
    reason = forms.CharField(
        label=_("What is missing, or whose it is"), max_length=300, widget=forms.Textarea({"rows": 3})
    )


class ImpactForm(forms.Form):
    """What the service's users felt, and when. Times by the reader's clock."""

    effect = forms.ChoiceField(label=_("What its users felt"), choices=felt_choices)
    share = forms.DecimalField(
        label=_("Percent that failed"),
        required=False,
        min_value=0,
        max_value=100,
        decimal_places=2,
        help_text=_("While it is degraded: which part of requests failed. Down is always all."),
    )
    starts_at = MomentField(label=_("From"), required=False, validators=[validate_past])
    ends_at = MomentField(
        label=_("To"),
        required=False,
        validators=[validate_past],
        help_text=_("Empty: it goes on, until the incident is mitigated or resolved."),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=300)


class NoteForm(forms.Form):
    text = forms.CharField(widget=forms.Textarea({"rows": 2}), strip=True)
    visibility = forms.ChoiceField(choices=visibility_choices, required=False)

    def clean_visibility(self) -> str:
        return self.cleaned_data["visibility"] or Visibility.INTERNAL


class LinkForm(forms.Form):
    url = forms.CharField(
        label=_("Address"),
        max_length=1000,
        widget=forms.URLInput({"placeholder": "https://", "autocomplete": "off"}),
    )
    title = forms.CharField(label=_("Title"), required=False, max_length=200)
    visibility = forms.ChoiceField(label=_("Who reads it"), choices=visibility_choices, required=False)

    def clean_visibility(self) -> str:
        return self.cleaned_data["visibility"] or Visibility.INTERNAL


class ReportForm(forms.Form):
    """A new incident. `cell` is impact:urgency; a severity given beside it overrides the matrix."""

    service = forms.ModelChoiceField(
        Service.objects.none(),
        to_field_name="slug",
        label=_("Service"),
        widget=forms.TextInput({"list": "services", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"invalid_choice": _("There is no such service, or it isn't yours to see.")},
    )
    title = forms.CharField(label=_("What is wrong, in a few words"), max_length=200)
    summary = forms.CharField(
        label=_("What is seen"), required=False, max_length=MAX_SUMMARY, widget=forms.Textarea({"rows": 4})
    )
    cell = forms.ChoiceField(
        label=_("How bad, how fast"), error_messages={"required": _("Choose a cell of the table.")}
    )
    severity = forms.ChoiceField(label=_("Severity"), required=False)
    severity_reason = forms.CharField(label=_("Why it differs"), required=False, max_length=300)
    started_at = MomentField(
        label=_("Began"), required=False, help_text=_("Empty: now"), validators=[validate_past]
    )

    def __init__(self, *args: Any, services: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = services
        self.fields["severity"].choices = [("", _("As the table says")), *severity_choices()]
        levels = ("high", "medium", "low")
        self.fields["cell"].choices = [(f"{i}:{u}", f"{i} × {u}") for i in levels for u in levels]

    def values(self) -> dict[str, Any]:
        """What `open_incident` takes."""
        data = dict(self.cleaned_data)
        data["impact"], data["urgency"] = data.pop("cell").split(":")
        return data


class EditForm(ReportForm):
    """The record as it is, with the version it was read at."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    model_version = forms.ModelChoiceField(
        ModelVersion.objects.none(), label=_("Model version"), required=False, empty_label=_("Not known")
    )

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, services=Service.objects.none(), **kwargs)
        del self.fields["service"]
        self.fields["started_at"].required = True
        self.fields["started_at"].help_text = ""
        if not (incident.impact and incident.urgency):
            self.fields["cell"].required = False
        versions = ModelVersion.objects.filter(model__service=incident.service_id).select_related("model")
        self.fields["model_version"].queryset = versions

    @staticmethod
    def initial_of(incident: Incident, by_matrix: str) -> dict[str, Any]:
        """The record as values of this form; the severity only where it isn't the matrix's."""
        return {
            "title": incident.title,
            "summary": incident.summary,
            "cell": f"{incident.impact}:{incident.urgency}" if incident.impact else "",
            "severity": "" if incident.severity == by_matrix else incident.severity,
            "severity_reason": incident.severity_reason,
            "started_at": shown_in(incident.started_at, timezone.get_current_timezone()).replace(
                second=0, microsecond=0
            ),
            "model_version": incident.model_version_id,
            "expected_version": incident.version,
        }

    def changes(self) -> dict[str, Any]:
        """Only what was changed; the four fields of the severity go together."""
        data = dict(self.cleaned_data)
        cell = data.pop("cell")
        data["impact"], data["urgency"] = cell.split(":") if cell else ("", "")
        changed = set(self.changed_data)
        if changed & {"cell", "severity", "severity_reason"}:
            changed |= {"impact", "urgency", "severity", "severity_reason"}
        return {name: value for name, value in data.items() if name in changed and name != "expected_version"}
