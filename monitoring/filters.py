"""Filters of the alert list, the same words in portal and API."""

import re
from typing import Any

import django_filters
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Q, QuerySet

from core.filters import (
    InstantFilter,
    KeyFilter,
    OneOfFilter,
    SomeOfFilter,
    WordsFilter,
    WordsLastFilterSet,
    YesNoFilter,
)
from monitoring.choices import alert_status_choices, raw_state_choices, signal_severity_choices
from monitoring.models import Alert, Integration, RawDelivery
from services.models import Service

_LABEL = re.compile(r"([^\s=]+)=(\S+)")


class AlertFilter(WordsLastFilterSet):
    """`search` takes words of the title by their beginning, of the service's slug by any part, and `name=value` for
    labels; all must fit."""

    status = SomeOfFilter(choices=alert_status_choices)
    severity = SomeOfFilter(choices=signal_severity_choices)
    service = django_filters.CharFilter(method="filter_service")
    source = django_filters.CharFilter(method="filter_source")
    integration = KeyFilter(field_name="integration_id")
    unrouted = YesNoFilter(field_name="service", lookup_expr="isnull")
    search = django_filters.CharFilter(method="filter_search", max_length=200)

    class Meta:
        model = Alert
        fields: list[str] = []

    # What is named by a slug becomes keys first: of a key the database knows how many rows have it.

    def filter_service(self, queryset: QuerySet[Alert], name: str, value: str) -> QuerySet[Alert]:
        return queryset.filter(service__in=_keys(Service.objects.filter(slug=value)))

    def filter_source(self, queryset: QuerySet[Alert], name: str, value: str) -> QuerySet[Alert]:
        return queryset.filter(integration__in=_keys(Integration.objects.filter(source=value)))

    def filter_search(self, queryset: QuerySet[Alert], name: str, value: str) -> QuerySet[Alert]:
        value = value.replace("\0", "")
        labels = dict(_LABEL.findall(value))
        words = _LABEL.sub(" ", value).split()[:8]
        if labels:
            queryset = queryset.filter(labels__contains=labels)
        if not words:
            return queryset
        queryset = queryset.alias(words=SearchVector("title", config="simple"))
        doors = _keys(Integration.objects.all())
        slugs = Service.objects.values_list("pk", "slug")
        for word in words:
            named = [pk for pk, slug in slugs if word.lower() in slug]
            known_as = Q(integration__in=doors, identity=word)  # the index is on both together
            queryset = queryset.filter(_in_title(word) | Q(service__in=named) | known_as)
        return queryset


def _keys(rows: QuerySet[Any]) -> list[int]:
    return list(rows.values_list("pk", flat=True))


def _in_title(word: str) -> Q:
    """Titles that hold the word, or a longer one that begins so."""
    parts = re.findall(r"[^\W_]+", word.lower())
    asked = " & ".join(f"{part}:*" for part in parts)
    return Q(words=SearchQuery(asked, search_type="raw", config="simple")) if parts else Q(pk__in=[])


class IntegrationFilter(django_filters.FilterSet):
    source = django_filters.CharFilter()
    is_active = YesNoFilter()
    search = WordsFilter("name", "source", "service__slug")

    class Meta:
        model = Integration
        fields: list[str] = []


class DeliveryFilter(django_filters.FilterSet):
    state = OneOfFilter(choices=raw_state_choices)
    integration = KeyFilter(field_name="integration_id")

    received_after = InstantFilter(field_name="received_at", lookup_expr="gte")
    received_before = InstantFilter(field_name="received_at", lookup_expr="lt")
    search = django_filters.CharFilter(
        field_name="delivery_id", max_length=200, help_text="The Idempotency-Key it came with"
    )

    class Meta:
        model = RawDelivery
        fields: list[str] = []
