"""The filters of the numbers page, as they stand in the URL."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from reporting.types import Scope
from services.choices import severity_choices
from services.queries.visible import clients_visible_to, services_visible_to

LAST = (
    ("30", _("Last 30 days")),
    ("60", _("Last 60 days")),
    ("90", _("Last 90 days")),
    ("120", _("Last 120 days")),
)
DEFAULT_DAYS = 60
LONGEST = timedelta(days=731)
FIRST, LAST_DAY = date(1970, 1, 1), date(2149, 12, 31)


class NumbersForm(forms.Form):
    """Client, service and severity among what the reader may see; a period in whole UTC days."""

    client = forms.ChoiceField(label=_("Client"), required=False)
    service = forms.ChoiceField(label=_("Service"), required=False)
    severity = forms.ChoiceField(label=_("Severity"), required=False)
    last = forms.ChoiceField(label=_("Period"), required=False, choices=LAST)
    start = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, data: QueryDict, *, user: Any, now: datetime) -> None:
        # The choice shown is the one that counts, also on a bare URL.
        super().__init__({"last": str(DEFAULT_DAYS), **data.dict()})
        self.now = now.replace(microsecond=0)
        clients = clients_visible_to(user).values_list("slug", "name")
        services = services_visible_to(user).order_by("slug").values_list("slug", flat=True)
        self.fields["client"].choices = [("", _("All clients")), *clients]  # type: ignore[attr-defined]
        self.fields["service"].choices = [("", _("All services")), *((s, s) for s in services)]  # type: ignore[attr-defined]
        self.fields["severity"].choices = [("", _("All severities")), *severity_choices()]  # type: ignore[attr-defined]

    def clean_start(self) -> date | None:
        return _known(self.cleaned_data["start"])

    def clean_end(self) -> date | None:
        return _known(self.cleaned_data["end"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("start") and data.get("end") and data["start"] > data["end"]:
            raise ValidationError(_("The period ends before it begins."))
        if not self.errors:
            start, end = self._period(data)
            if end - start > LONGEST:
                raise ValidationError(_("At most two years at once."))
        return data

    def scope(self) -> Scope:
        """What to count: the dates given (both included), else the last days up to the second of `now`."""
        data = self.cleaned_data if self.is_valid() else {}
        start, end = self._period(data)
        return Scope(
            start=start,
            end=end,
            client=data.get("client", ""),
            service=data.get("service", ""),
            severity=data.get("severity", ""),
        )

    def _period(self, data: dict[str, Any]) -> tuple[datetime, datetime]:
        """The period that is counted, whatever part of it was given."""
        days = timedelta(days=int(data.get("last") or DEFAULT_DAYS))
        end = _midnight(data["end"]) + timedelta(days=1) if data.get("end") else self.now
        start = _midnight(data["start"]) if data.get("start") else end - days
        return (start if start < end else end - days), end


def _known(day: date | None) -> date | None:
    if day is not None and not FIRST <= day <= LAST_DAY:
        raise ValidationError(_("A day from 1970 to 2149."))
    return day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=UTC)
