"""Filters of overrides and runs."""

import django_filters
from django.db.models import Q, QuerySet

from rotas.choices import level_choices, run_state_choices
from rotas.models import EscalationRun, Override, Rota


class RotaFilter(django_filters.FilterSet):
    level = django_filters.ChoiceFilter(choices=level_choices)
    team = django_filters.CharFilter(field_name="team__slug")
    is_active = django_filters.BooleanFilter()
    search = django_filters.CharFilter(method="filter_search", max_length=200)

    class Meta:
        model = Rota
        fields: list[str] = []

    def filter_search(self, queryset: QuerySet[Rota], name: str, value: str) -> QuerySet[Rota]:
        for word in value.replace("\0", "").split()[:8]:
            queryset = queryset.filter(Q(name__icontains=word) | Q(slug__icontains=word))
        return queryset


class OverrideFilter(django_filters.FilterSet):
    rota = django_filters.CharFilter(field_name="rota__slug")
    ends_after = django_filters.IsoDateTimeFilter(field_name="ends_at", lookup_expr="gt")
    starts_before = django_filters.IsoDateTimeFilter(field_name="starts_at", lookup_expr="lt")

    class Meta:
        model = Override
        fields: list[str] = []


class RunFilter(django_filters.FilterSet):
    state = django_filters.MultipleChoiceFilter(choices=run_state_choices)
    subject_kind = django_filters.CharFilter()
    subject_id = django_filters.NumberFilter(max_value=2**63 - 1)

    class Meta:
        model = EscalationRun
        fields: list[str] = []
