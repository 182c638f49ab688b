"""The form of somebody in training."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.wall_times import WallTimeField
from core.zones import to_local, to_utc
from rotas.choices import shadow_kind_choices
from rotas.models import Rota
from rotas.queries.visible import callable_people


class ShadowForm(forms.Form):
    """Who learns beside whoever is on call, from when to when in the rota's zone. Cleaned times are UTC."""

    # its fields stand on the page of the override's
    prefix = "shadow"

    user = forms.ModelChoiceField(None, label=_("Who"), empty_label=_("Choose somebody"))
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=shadow_kind_choices,
        help_text=_("A reverse shadow is called, together with whoever is on call."),
    )
    starts_at = WallTimeField(label=_("From"))
    ends_at = WallTimeField(label=_("To"))

    def __init__(
        self, *args: Any, rota: Rota, now: datetime, people: Sequence[User] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.zone = rota.zone
        self.fields["user"].queryset = callable_people()
        if people is not None:
            self.fields["user"].choices = [
                ("", _("Choose somebody")),
                *((person.pk, str(person)) for person in people),
            ]
        hour = to_local(now, rota.zone).replace(minute=0, second=0, microsecond=0)
        self.fields["starts_at"].initial = hour

    def clean_starts_at(self) -> datetime:
        return to_utc(self.cleaned_data["starts_at"], self.zone)

    def clean_ends_at(self) -> datetime:
        return to_utc(self.cleaned_data["ends_at"], self.zone)
