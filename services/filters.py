"""What the catalogue can be asked for."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from services.choices import kind_choices, lifecycle_choices, tier_choices
from services.models import Service


class ServiceFilter(django_filters.FilterSet):
    """By client, tier, kind, lifecycle, owning team and words."""

    search = django_filters.CharFilter(method="by_words", label=_("Name or slug"))
    client = django_filters.CharFilter(field_name="client__slug", label=_("Client"))
    tier = django_filters.ChoiceFilter(choices=tier_choices)
    kind = django_filters.ChoiceFilter(choices=kind_choices)
    lifecycle = django_filters.ChoiceFilter(choices=lifecycle_choices)
    team = django_filters.CharFilter(field_name="owning_team__slug", label=_("Team"))

    class Meta:
        model = Service
        fields = ["search", "client", "tier", "kind", "lifecycle", "team"]

    def by_words(self, queryset: QuerySet[Service], name: str, value: str) -> QuerySet[Service]:
        for word in value.split()[:5]:
            queryset = queryset.filter(
                Q(slug__icontains=word) | Q(name__icontains=word) | Q(client__name__icontains=word)
            )
        return queryset
