"""What the catalogue can be asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Team
from core.filters import InstantFilter, OneOfFilter, WordsFilter, YesNoFilter
from services.choices import (
    activity_group_choices,
    budget_state_choices,
    check_state_choices,
    dependency_kind_choices,
    effect_choices,
    environment_choices,
    indicator_choices,
    kind_choices,
    lifecycle_choices,
    party_choices,
    stage_choices,
    tier_choices,
)
from services.models import (
    Activity,
    Agreement,
    AgreementVersion,
    BusinessCalendar,
    Client,
    Dependency,
    ImpactWindow,
    MaintenanceWindow,
    MLModel,
    ModelVersion,
    Objective,
    OperatingModelVersion,
    PartyTerms,
    ReadinessResult,
    Service,
)


class ServiceFilter(django_filters.FilterSet):
    """By client, tier, kind, environment, lifecycle, owning team and words."""

    search = django_filters.CharFilter(method="by_words", label=gettext_lazy("Name, slug or client"))
    client = django_filters.CharFilter(field_name="client__slug", label=gettext_lazy("Client"))
    tier = OneOfFilter(choices=tier_choices)
    kind = OneOfFilter(choices=kind_choices)
    environment = OneOfFilter(choices=environment_choices)
    lifecycle = OneOfFilter(choices=lifecycle_choices)
    team = django_filters.CharFilter(field_name="owning_team__slug", label=gettext_lazy("Team"))

    class Meta:
        model = Service
        fields = ["search", "client", "tier", "kind", "environment", "lifecycle", "team"]

    def by_words(self, queryset: QuerySet[Service], name: str, value: str) -> QuerySet[Service]:
        for word in value.split()[:5]:
            queryset = queryset.filter(
                Q(slug__icontains=word) | Q(name__icontains=word) | Q(client__name__icontains=word)
            )
        return queryset


class ClientFilter(django_filters.FilterSet):
    search = WordsFilter("name", "slug")

    class Meta:
        model = Client
        fields: list[str] = []


class AgreementFilter(django_filters.FilterSet):
    calendar = django_filters.CharFilter(method="by_calendar")
    client = django_filters.CharFilter(field_name="client__slug")
    search = WordsFilter("name", "slug")

    class Meta:
        model = Agreement
        fields: list[str] = ["kind", "provider"]

    def by_calendar(self, queryset: QuerySet[Agreement], name: str, value: str) -> QuerySet[Agreement]:
        """Those with any version that is counted by it."""
        return queryset.filter(
            Exists(AgreementVersion.objects.filter(agreement=OuterRef("pk"), calendar__slug=value))
        )


class CalendarFilter(django_filters.FilterSet):
    zone = django_filters.CharFilter()
    search = WordsFilter("name", "slug")

    class Meta:
        model = BusinessCalendar
        fields: list[str] = []


class ActivityFilter(django_filters.FilterSet):
    group = OneOfFilter(choices=activity_group_choices)
    search = WordsFilter("name", "slug")

    class Meta:
        model = Activity
        fields: list[str] = []


class PartyTermsFilter(django_filters.FilterSet):
    party = OneOfFilter(choices=party_choices)
    service = django_filters.CharFilter(field_name="service__slug")
    search = WordsFilter("scope_in", "scope_out", "entry", "service__slug", "team__name")

    class Meta:
        model = PartyTerms
        fields: list[str] = []


class DependencyFilter(django_filters.FilterSet):
    """By either end, or `service` for both."""

    upstream = django_filters.CharFilter(field_name="upstream__slug")
    downstream = django_filters.CharFilter(field_name="downstream__slug")
    service = django_filters.CharFilter(method="of_service")
    kind = OneOfFilter(choices=dependency_kind_choices)
    search = WordsFilter("upstream__slug", "downstream__slug", "note")

    class Meta:
        model = Dependency
        fields: list[str] = []

    def of_service(self, queryset: QuerySet[Dependency], name: str, value: str) -> QuerySet[Dependency]:
        return queryset.filter(Q(upstream__slug=value) | Q(downstream__slug=value))


class ReadinessFilter(django_filters.FilterSet):
    service = django_filters.CharFilter(field_name="service__slug")
    client = django_filters.CharFilter(field_name="service__client__slug")
    team = django_filters.CharFilter(field_name="service__owning_team__slug")
    standard = django_filters.CharFilter()
    state = OneOfFilter(choices=check_state_choices)
    search = WordsFilter("service__slug", "standard", "evidence")

    class Meta:
        model = ReadinessResult
        fields: list[str] = []


class OperatingModelFilter(django_filters.FilterSet):
    search = WordsFilter("note")

    class Meta:
        model = OperatingModelVersion
        fields: list[str] = []


class ModelFilter(django_filters.FilterSet):
    service = django_filters.CharFilter(field_name="service__slug")
    search = WordsFilter("name", "service__slug")

    class Meta:
        model = MLModel
        fields: list[str] = []


class ModelVersionFilter(django_filters.FilterSet):
    service = django_filters.CharFilter(field_name="model__service__slug")
    model = django_filters.CharFilter(field_name="model__name")
    stage = OneOfFilter(choices=stage_choices)
    search = WordsFilter("version", "model__name", "model__service__slug")

    class Meta:
        model = ModelVersion
        fields: list[str] = []


class ObjectiveFilter(django_filters.FilterSet):
    """By service, client, state, indicator and words; those that are switched off only where they are asked for."""

    service = django_filters.CharFilter(field_name="service__slug", label=gettext_lazy("Service"))
    client = django_filters.CharFilter(field_name="service__client__slug", label=gettext_lazy("Client"))
    state = OneOfFilter(choices=budget_state_choices)
    indicator = OneOfFilter(choices=indicator_choices)
    active = YesNoFilter(field_name="is_active", help_text="true or false")
    search = WordsFilter("slug", "name", "service__slug", "service__name")

    class Meta:
        model = Objective
        fields: list[str] = []


class ImpactFilter(django_filters.FilterSet):
    """By service, client, effect, whether it goes on, when it began, and words."""

    service = django_filters.CharFilter(field_name="service__slug")
    client = django_filters.CharFilter(field_name="service__client__slug")
    incident = django_filters.CharFilter(field_name="incident_ref", lookup_expr="iexact")
    effect = OneOfFilter(choices=effect_choices)
    open = YesNoFilter(field_name="ends_at", lookup_expr="isnull", help_text="true: it goes on")
    since = InstantFilter(field_name="starts_at", lookup_expr="gte")
    until = InstantFilter(field_name="starts_at", lookup_expr="lt")
    search = WordsFilter("note", "incident_ref", "service__slug", "service__name")

    class Meta:
        model = ImpactWindow
        fields: list[str] = []


class MaintenanceFilter(django_filters.FilterSet):
    """By service, whether clients know, when it ends or begins, and words."""

    service = django_filters.CharFilter(method="of_service")
    announced = YesNoFilter()
    cancelled = YesNoFilter(method="is_cancelled", help_text="true or false")
    since = InstantFilter(field_name="ends_at", lookup_expr="gt", help_text="Not over at this instant")
    until = InstantFilter(field_name="starts_at", lookup_expr="lt", help_text="Begun before this instant")
    search = WordsFilter("title", "note")

    class Meta:
        model = MaintenanceWindow
        fields: list[str] = []

    def of_service(
        self, queryset: QuerySet[MaintenanceWindow], name: str, value: str
    ) -> QuerySet[MaintenanceWindow]:
        through = MaintenanceWindow.services.through.objects.filter(service__slug=value)
        return queryset.filter(pk__in=through.values("maintenancewindow"))

    def is_cancelled(
        self, queryset: QuerySet[MaintenanceWindow], name: str, value: bool
    ) -> QuerySet[MaintenanceWindow]:
        return queryset.filter(cancelled_at__isnull=not value)


@dataclass(frozen=True, slots=True)
class Choice:
    """One filter of the bar: offered as a list while unset, shown as a chip once chosen."""

    name: str
    label: str
    options: list[tuple[str, str]]
    value: str = ""
    shown: str = ""
    remove_url: str = ""


def bar(params: QueryDict, visible: QuerySet[Service]) -> list[Choice]:
    """The filters of the list. Clients and teams are offered only where they have a service to show."""
    seen = visible.order_by()
    clients = Client.objects.filter(pk__in=seen.values("client")).values_list("slug", "name")
    teams = Team.objects.filter(pk__in=seen.values("owning_team")).values_list("slug", "name")
    offered: list[tuple[str, str, Iterable[tuple[Any, str]]]] = [
        ("client", _("Client"), clients),
        ("tier", _("Tier"), tier_choices()),
        ("kind", _("Kind"), kind_choices()),
        ("lifecycle", _("Lifecycle"), lifecycle_choices()),
        ("team", _("Team"), teams),
    ]
    return [_choice(params, name, label, options) for name, label, options in offered]


def objective_bar(params: QueryDict, visible: QuerySet[Service]) -> list[Choice]:
    """The filters of the list of objectives; services and clients only where they have one."""
    having = visible.filter(objectives__isnull=False).order_by()
    clients = Client.objects.filter(pk__in=having.values("client")).values_list("slug", "name")
    offered: list[tuple[str, str, Iterable[tuple[Any, str]]]] = [
        ("state", _("State"), budget_state_choices()),
        ("service", _("Service"), having.distinct().order_by("name", "pk").values_list("slug", "name")[:200]),
        ("client", _("Client"), clients),
        ("indicator", _("Counts"), indicator_choices()),
    ]
    return [_choice(params, name, label, options) for name, label, options in offered]


def _choice(params: QueryDict, name: str, label: str, options: Iterable[tuple[Any, str]]) -> Choice:
    words = [(str(value), str(text)) for value, text in options]
    value = params.get(name, "")[:80]
    rest = params.copy()
    for gone in (name, "cursor"):
        rest.pop(gone, None)
    return Choice(name, label, words, value, dict(words).get(value, value), f"?{rest.urlencode()}")
