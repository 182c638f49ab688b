"""The form of an override."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.wall_times import WallTimeField
from core.zones import to_local, to_utc
from rotas.models import Rota
from rotas.queries.visible import callable_people


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
    takes_over = forms.BooleanField(
        label=_("Alone, whoever is on call"), required=False, help_text=_("For events.")
    )
    reason = forms.CharField(label=_("Reason"), required=False, max_length=160)

    def __init__(self, *args: Any, rota: Rota, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = rota.zone
        people = callable_people()
        # read once, for this form and whichever else is on the page
        self.people = list(people)
        choices = [("", _("Nobody")), *((person.pk, str(person)) for person in self.people)]
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
