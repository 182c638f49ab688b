"""What the list of runbooks can be asked for, portal and API alike."""

import django_filters
from django.db.models import QuerySet

from runbooks.models import Runbook
from runbooks.queries.lists import found


class RunbookFilter(django_filters.FilterSet):
    """By words and by the service it is written for."""

    search = django_filters.CharFilter(
        method="by_words", max_length=200, help_text="Words, each by its beginning"
    )
    service = django_filters.CharFilter(
        field_name="services__slug", max_length=80, help_text="Slug of a service it is written for"
    )

    class Meta:
        model = Runbook
        fields: list[str] = []

    def by_words(self, queryset: QuerySet[Runbook], name: str, value: str) -> QuerySet[Runbook]:
        return found(queryset, words=value)
