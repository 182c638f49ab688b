"""Forms of boundaries: the matrix as a whole, the note of a version, who mends what."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.models import User
from services.types import Duty


def letters_of(data: Mapping[str, str], duties: tuple[Duty, ...]) -> dict[str, dict[str, str] | None]:
    """What a posted matrix wants: its fields are `activity:party`, empty for no part in it.

    Activities that the form didn't show are left as they are. Letters are checked where they are written.
    """
    shown = {name.split(":", 1)[0] for name in data if ":" in name}
    wanted: dict[str, dict[str, str] | None] = {}
    for duty in duties:
        if duty.slug in shown:
            begins = f"{duty.slug}:"
            wanted[duty.slug] = {
                name[len(begins) :]: value
                for name, value in data.items()
                if name.startswith(begins) and value
            }
    return wanted


class PublishForm(forms.Form):
    note = forms.CharField(
        label=_("What changed, and why"),
        max_length=300,
        help_text=_("Whoever reads the version reads it first."),
    )


class TakeOnForm(forms.Form):
    """Who mends what is missed, and by when."""

    owner = forms.ModelChoiceField(
        User.objects.none(), label=_("Who mends it"), required=False, empty_label=_("Nobody yet")
    )
    due = forms.DateField(
        label=_("By"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [Role.RESPONDER, Role.LEAD, Role.ADMINISTRATOR]
        self.fields["owner"].queryset = User.objects.filter(is_active=True, role__in=roles).order_by("name")
