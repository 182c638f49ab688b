"""What filters of small tables share."""

from datetime import UTC
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django_filters.fields import IsoDateTimeField
from drf_spectacular.utils import extend_schema_field

from core.instants import EARLIEST, LATEST
from core.pagination import Sparse

MAX_WORDS = 8
MAX_KEY = 2**63 - 1
_KEY_DIGITS = len(str(MAX_KEY))
_YES, _NO, _EITHER = {"true", "1", "on", "yes"}, {"false", "0", "off", "no"}, {"", "unknown"}


class WordsLastFilterSet(django_filters.FilterSet):
    """Asks for the words (`search`) last. `without_words` says how pages look through the list before them, in order
    (`core.pagination.first`)."""

    without_words: Sparse[Any] | None = None

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked = dict(self.form.cleaned_data)
        words = asked.pop("search", "")
        for name, value in asked.items():
            queryset = self.filters[name].filter(queryset, value)
        found: QuerySet[Any] = self.filters["search"].filter(queryset, words)
        self.without_words = Sparse(queryset, self.looked_at(queryset, words, found)) if words else None
        return found

    def looked_at(self, queryset: QuerySet[Any], words: str, found: QuerySet[Any]) -> QuerySet[Any]:
        """`queryset` with the words in a form that no index answers; `found` (by index) where there is no other."""
        return found


def narrows(filters: type[django_filters.FilterSet], params: QueryDict) -> bool:
    """Whether these parameters ask for anything that the filters know. Most lists are looked at as they are."""
    return any(any(params.getlist(name)) for name in filters.base_filters)


class WordsFilter(django_filters.CharFilter):
    """Every word typed stands somewhere in one of `columns`; case doesn't count.

    It reads the whole table, so it is for those that people fill by hand. What grows with the work has
    a search column, or names what can be asked for.
    """

    def __init__(self, *columns: str, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 200)
        kwargs.setdefault("help_text", "Words, each somewhere in what it says")
        super().__init__(**kwargs)
        self.columns = columns

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        for word in (value or "").split()[:MAX_WORDS]:
            fits = Q()
            for column in self.columns:
                fits |= Q(**{f"{column}__icontains": word})
            qs = qs.filter(fits)
        return qs


class _YesNoField(forms.NullBooleanField):
    """A word that is neither yes nor no is refused: taken for nothing, the list would show what wasn't asked for."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> bool | None:
        word = str(value if value is not None else "").strip().lower()
        if word in _EITHER:
            return None
        if word not in _YES | _NO:
            raise forms.ValidationError(_("Say true or false."))
        return word in _YES


class YesNoFilter(django_filters.BooleanFilter):
    """true or false (also 1, 0, on, off, yes, no); empty asks for neither."""

    field_class = _YesNoField


class _InstantField(IsoDateTimeField):
    """In UTC, whatever zone it came in (PostgreSQL knows fewer offsets than ISO 8601); from 1970 to 2149."""

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        if found and not EARLIEST <= found < LATEST:
            raise forms.ValidationError(_("This instant is too far away."))
        return found.astimezone(UTC) if found else found


class InstantFilter(django_filters.IsoDateTimeFilter):
    """An ISO 8601 instant."""

    field_class = _InstantField


class _KeyField(forms.IntegerField):
    """Plain digits, at most as many as the greatest key has: long numbers are dear to read."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> int | None:
        word = "" if value is None else str(value).strip()
        if not word:
            return None
        if not (len(word) <= _KEY_DIGITS and word.isascii() and word.isdecimal()):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return int(word)


@extend_schema_field({"type": "integer", "minimum": 0, "maximum": MAX_KEY})
class KeyFilter(django_filters.Filter):
    """The number of a row: whole, from 0 to what a key may be."""

    field_class = _KeyField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=0, max_value=MAX_KEY, **kwargs)


class OneOfFilter(django_filters.ChoiceFilter):
    """One of a list known beforehand; the API's description names it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **_spelled_out(kwargs))


class SomeOfFilter(django_filters.MultipleChoiceFilter):
    """Any of a list known beforehand, by repeating the parameter; the API's description names it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("distinct", False)
        super().__init__(*args, **_spelled_out(kwargs))


def _spelled_out(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Choices of models are functions so that a new one makes no migration; here they are asked once."""
    choices = kwargs.get("choices")
    return {**kwargs, "choices": choices()} if callable(choices) else kwargs
