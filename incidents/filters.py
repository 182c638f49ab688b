"""What lists of incidents can be asked for, portal and API alike."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.filters import (
    InstantFilter,
    OneOfFilter,
    SomeOfFilter,
    WordsFilter,
    WordsLastFilterSet,
    YesNoFilter,
)
from incidents.choices import State, promise_filter_choices, source_choices, state_choices
from incidents.models import ClockCorrection, Incident, Replanning
from incidents.queries.lists import searched
from incidents.queries.promises import having
from services.choices import severity_choices
from services.models import Service


class CorrectionFilter(django_filters.FilterSet):
    search = WordsFilter("reason", "decision")

    class Meta:
        model = ClockCorrection
        fields = ["state"]


class ReplanningFilter(django_filters.FilterSet):
    search = WordsFilter("reason", "agreement__name", "calendar__name")

    class Meta:
        model = Replanning
        fields: list[str] = []


class IncidentFilter(WordsLastFilterSet):
    """By state, severity, source (several of each), service, client, owner, dates and words."""

    state = SomeOfFilter(choices=state_choices, label=_("State"))
    severity = SomeOfFilter(choices=severity_choices, label=_("Severity"))
    source = SomeOfFilter(choices=source_choices, label=_("Source"))
    service = django_filters.CharFilter(method="by_service", label=_("Service"))
    client = django_filters.CharFilter(method="by_client", label=_("Client"))
    owner = django_filters.CharFilter(
        method="by_owner", label=_("Owner"), help_text="E-mail address, me or none"
    )
    opened_after = InstantFilter(field_name="opened_at", lookup_expr="gte")
    opened_before = InstantFilter(field_name="opened_at", lookup_expr="lt")
    acknowledged = YesNoFilter(
        field_name="acknowledged_at", lookup_expr="isnull", exclude=True, label=_("Ever acknowledged")
    )
    resolved = YesNoFilter(field_name="resolved_at", lookup_expr="isnull", exclude=True, label=_("Resolved"))
    cancelled = YesNoFilter(
        method="by_cancelled", label=_("Cancelled"), help_text="false leaves out what numbers leave out"
    )
    promise = OneOfFilter(
        method="by_promise",
        choices=promise_filter_choices,
        label=_("Promise"),
        help_text="Incidents with such a promise decided; with -kept or -broken, decided so",
    )
    search = django_filters.CharFilter(method="by_words", label=_("Words"))

    class Meta:
        model = Incident
        fields = [
            "state", "severity", "source", "service", "client", "owner", "opened_after", "opened_before",
            "acknowledged", "resolved", "cancelled", "promise", "search",
        ]  # fmt: skip

    # Slugs and addresses become keys first: of a key the database knows how many rows have it.

    def by_service(self, queryset: QuerySet[Incident], name: str, value: str) -> QuerySet[Incident]:
        return queryset.filter(
            service__in=list(Service.objects.filter(slug=value).values_list("pk", flat=True))
        )

    def by_client(self, queryset: QuerySet[Incident], name: str, value: str) -> QuerySet[Incident]:
        theirs = Service.objects.filter(client__slug=value)
        return queryset.filter(service__in=list(theirs.values_list("pk", flat=True)))

    def by_owner(self, queryset: QuerySet[Incident], name: str, value: str) -> QuerySet[Incident]:
        if value == "none":
            return queryset.filter(owner__isnull=True)
        if value == "me" and self.request is not None:
            return queryset.filter(owner=self.request.user.pk)
        return queryset.filter(
            owner__in=list(User.objects.filter(email=value.lower()).values_list("pk", flat=True))
        )

    def by_cancelled(self, queryset: QuerySet[Incident], name: str, value: bool) -> QuerySet[Incident]:
        cancelled = Q(state=State.CANCELLED)
        return queryset.filter(cancelled if value else ~cancelled)

    def by_promise(self, queryset: QuerySet[Incident], name: str, value: str) -> QuerySet[Incident]:
        return queryset.filter(having(value))

    def by_words(self, queryset: QuerySet[Incident], name: str, value: str) -> QuerySet[Incident]:
        return searched(queryset, value)

    def looked_at(
        self, queryset: QuerySet[Incident], words: str, found: QuerySet[Incident]
    ) -> QuerySet[Incident]:
        return searched(queryset, words, by_index=False)
