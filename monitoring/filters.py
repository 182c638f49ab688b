"""Filters of the alert list, the same words in portal and API."""

import re

import django_filters
from django.db.models import Q, QuerySet

from core.filters import InstantFilter, OneOfFilter, SomeOfFilter, WordsFilter, YesNoFilter
from monitoring.choices import alert_status_choices, raw_state_choices, signal_severity_choices
from monitoring.models import Alert, Integration, RawDelivery

_LABEL = re.compile(r"([^\s=]+)=(\S+)")


class AlertFilter(django_filters.FilterSet):
    """`search` takes words of the title and `name=value` for labels; all must fit."""

    status = SomeOfFilter(choices=alert_status_choices)
    severity = SomeOfFilter(choices=signal_severity_choices)
    service = django_filters.CharFilter(field_name="service__slug")
    source = django_filters.CharFilter(field_name="integration__source")
    integration = django_filters.NumberFilter(field_name="integration_id", max_value=2**63 - 1)
    unrouted = YesNoFilter(field_name="service", lookup_expr="isnull")
    search = django_filters.CharFilter(method="filter_search", max_length=200)

    class Meta:
        model = Alert
        fields: list[str] = []

    def filter_search(self, queryset: QuerySet[Alert], name: str, value: str) -> QuerySet[Alert]:
        value = value.replace("\0", "")
        labels = dict(_LABEL.findall(value))
        words = _LABEL.sub(" ", value).split()[:8]
        if labels:
            queryset = queryset.filter(labels__contains=labels)
        for word in words:
            queryset = queryset.filter(
                Q(title__icontains=word) | Q(service__slug__icontains=word) | Q(identity=word)
            )
        return queryset


class IntegrationFilter(django_filters.FilterSet):
    source = django_filters.CharFilter()
    is_active = YesNoFilter()
    search = WordsFilter("name", "source", "service__slug")

    class Meta:
        model = Integration
        fields: list[str] = []


class DeliveryFilter(django_filters.FilterSet):
    state = OneOfFilter(choices=raw_state_choices)
    integration = django_filters.NumberFilter(field_name="integration_id", max_value=2**63 - 1)

    received_after = InstantFilter(field_name="received_at", lookup_expr="gte")
    received_before = InstantFilter(field_name="received_at", lookup_expr="lt")
    search = django_filters.CharFilter(
        field_name="delivery_id", max_length=200, help_text="The Idempotency-Key it came with"
    )

    class Meta:
        model = RawDelivery
        fields: list[str] = []
