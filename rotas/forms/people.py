"""Forms of people's own: swaps and leave."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.wall_times import WallTimeField, instant_of
from core.zones import to_utc
from rotas.choices import leave_kind_choices
from rotas.domain.ical_reading import MOST_BYTES
from rotas.domain.telling import span
from rotas.queries.mine import MyShift
from rotas.queries.visible import callable_people
from rotas.sources.web_calendar import LONGEST_ADDRESS


class SwapForm(forms.Form):
    """One of my shifts, offered: all of it or a part, to somebody or to all of the rota."""

    which = forms.ChoiceField(label=_("Shift"))
    starts_at = WallTimeField(label=_("Only from"), required=False, help_text=_("Empty: from its beginning."))
    ends_at = WallTimeField(label=_("Only until"), required=False, help_text=_("Empty: to its end."))
    taker = forms.ModelChoiceField(
        None, label=_("Offer it to"), required=False, help_text=_("Empty: to everybody of the rota.")
    )
    note = forms.CharField(label=_("Why"), required=False, max_length=160)

    def __init__(
        self, *args: Any, shifts: Sequence[MyShift], people: Sequence[User], zone: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self._shifts = {f"{shift.rota.pk}@{int(shift.start.timestamp())}": shift for shift in shifts}
        self.fields["which"].choices = [
            (key, f"{shift.rota.name}: {span(shift.start, shift.end, zone)}")
            for key, shift in self._shifts.items()
        ]
        self.fields["taker"].queryset = callable_people()
        self.fields["taker"].choices = [
            ("", _("Everybody of the rota")),
            *((each.pk, str(each)) for each in people),
        ]

    @property
    def shift(self) -> MyShift:
        """The shift that was chosen; the form is valid."""
        return self._shifts[self.cleaned_data["which"]]

    def clean_starts_at(self) -> datetime | None:
        return instant_of(self.cleaned_data["starts_at"], self.zone)

    def clean_ends_at(self) -> datetime | None:
        return instant_of(self.cleaned_data["ends_at"], self.zone)


class LeaveImportForm(forms.Form):
    """A calendar file with one's own leave; cleaned: its bytes."""

    file = forms.FileField(
        label=_("Calendar file (.ics)"),
        max_length=200,
        widget=forms.ClearableFileInput(attrs={"accept": ".ics,text/calendar"}),
    )

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(_("The calendar is bigger than 5 MB. Export a shorter time."), code="big")
        return file.read()


class LeaveCalendarForm(forms.Form):
    """The address of one's own calendar."""

    address = forms.CharField(
        label=_("Address of the calendar"),
        max_length=LONGEST_ADDRESS,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("It begins with https:// or webcal://. It is kept sealed and shown to nobody."),
    )


class LeaveForm(forms.Form):
    """Whole days of leave on the person's own clock. Cleaned: `first` and `last` are UTC, half-open."""

    user = forms.ModelChoiceField(None, label=_("Who"), required=False)
    first = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(label=_("Kind"), choices=leave_kind_choices)
    note = forms.CharField(label=_("Note"), required=False, max_length=160)

    def __init__(self, *args: Any, user: User, people: Sequence[User] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        if people is None:
            del self.fields["user"]
        else:
            self.fields["user"].queryset = callable_people()
            self.fields["user"].choices = [
                ("", _("Me")),
                *((each.pk, str(each)) for each in people if each != user),
            ]

    @property
    def who(self) -> User:
        """Whose leave it is."""
        return self.cleaned_data.get("user") or self._user

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        zone = self.who.zone
        for name, days in (("first", 0), ("last", 1)):
            day = cleaned.get(name)
            if day is None:
                continue
            if not 2000 <= day.year <= 2100:
                self.add_error(name, _("A day of this century."))
                continue
            cleaned[name] = to_utc(datetime.combine(day + timedelta(days=days), time()), zone)
        return cleaned
