"""Small forms of a hand-over: its summary, an item, who gets the rest."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.wall_times import MINUTE_FORM, WallTimeField
from core.zones import to_local, to_utc
from rotas.domain.handing import MAX_TEXT
from rotas.handover_sections import NOTES, sections
from rotas.models import HandoverItem
from rotas.queries.visible import callable_people


class _Versioned(forms.Form):
    """`version` is that of the hand-over as its reader saw it."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """What is wrong with a hidden field is said above the form."""
        if "version" in self.errors:
            self.add_error(None, _("This form is not whole. Reload the page and try again."))
        return self.cleaned_data


class SummaryForm(_Versioned):
    """How it went, in words."""

    summary = forms.CharField(
        label=_("How it went"),
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The shift as a whole, people, questions: what no list says."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "id_summary_%s")
        super().__init__(*args, **kwargs)


class ItemForm(_Versioned):
    """One item. Times are on the reader's own clock; cleaned, `due_at` is UTC. Of a new one also its section."""

    section = forms.ChoiceField(label=_("Section"))
    title = forms.CharField(label=_("What"), max_length=200)
    detail = forms.CharField(
        label=_("Details"), required=False, max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": 3})
    )
    next_action = forms.CharField(label=_("Next action"), required=False, max_length=200)
    owner: Any = forms.ModelChoiceField(None, label=_("Owner"), required=False)
    due_at = WallTimeField(label=_("Due"), required=False)

    def __init__(
        self, *args: Any, people: Sequence[User], zone: str, item: HandoverItem | None = None, **kwargs: Any
    ) -> None:
        if item is not None:
            kwargs["initial"] = {**_initial(item, zone), **kwargs.get("initial", {})}
        kwargs.setdefault("auto_id", f"id_{item.pk if item is not None else 'new'}_%s")
        super().__init__(*args, **kwargs)
        self._zone = zone
        if item is not None:
            del self.fields["section"]
        else:
            self._field("section").choices = [(each.key, each.label) for each in sections()]
            self.initial.setdefault("section", NOTES)
        owners = self._field("owner")
        owners.queryset = callable_people()
        chosen = [] if item is None or item.owner is None or item.owner in people else [item.owner]
        owners.choices = [("", _("Nobody yet")), *((each.pk, str(each)) for each in [*chosen, *people])]

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def clean_due_at(self) -> datetime | None:
        wall = self.cleaned_data["due_at"]
        return to_utc(wall, self._zone) if wall is not None else None

    def values(self) -> dict[str, Any]:
        """What the item is to say; of one that is there, only what was changed. The form is valid."""
        names = ("title", "detail", "next_action", "owner", "due_at")
        return {name: self.cleaned_data[name] for name in names if name in self.changed_data}


class RestForm(_Versioned):
    """Who gets what has no owner."""

    owner: Any = forms.ModelChoiceField(None, label=_("Whoever has no owner yet goes to"))

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "id_rest_%s")
        super().__init__(*args, **kwargs)
        owners: Any = self.fields["owner"]
        owners.queryset = callable_people()
        owners.choices = [(each.pk, str(each)) for each in people]

    def clean_owner(self) -> User:
        owner = self.cleaned_data["owner"]
        if not isinstance(owner, User):
            raise ValidationError(_("Choose somebody."))
        return owner


def _initial(item: HandoverItem, zone: str) -> dict[str, Any]:
    return {
        "title": item.title,
        "detail": item.detail,
        "next_action": item.next_action,
        "owner": item.owner_id,
        "due_at": to_local(item.due_at, zone).strftime(MINUTE_FORM) if item.due_at else None,
    }
