"""What filters of small tables share."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet

MAX_WORDS = 8


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
