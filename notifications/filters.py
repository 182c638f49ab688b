"""Filters of inbox and outbox, the same words in portal and API."""

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.filters import KeyFilter, OneOfFilter, WordsFilter, YesNoFilter
from core.refs import is_ref
from notifications.choices import (
    channel_choices,
    contact_kind_choices,
    contact_state_choices,
    message_state_choices,
    urgency_choices,
)
from notifications.models import ContactPoint, Message


def _select() -> forms.Select:
    return forms.Select(attrs={"class": "form-select"})


class ContactPointFilter(django_filters.FilterSet):
    """One's own addresses; `search` takes what they are called, or part of their hint."""

    kind = OneOfFilter(choices=contact_kind_choices)
    state = OneOfFilter(choices=contact_state_choices)
    search = WordsFilter("name", "hint")

    class Meta:
        model = ContactPoint
        fields: list[str] = []


class InboxFilter(django_filters.FilterSet):
    """`unread=true` keeps what waits to be read."""

    unread = YesNoFilter(field_name="read_at", lookup_expr="isnull")
    urgency = OneOfFilter(choices=urgency_choices)
    about = django_filters.CharFilter(field_name="about_ref", max_length=40)
    search = WordsFilter("subject", "about_ref")

    class Meta:
        model = Message
        fields: list[str] = []


class OutboxFilter(django_filters.FilterSet):
    """`person` takes part of a name or address."""

    channel = OneOfFilter(choices=channel_choices, empty_label=_("Any channel"), widget=_select())
    state = OneOfFilter(choices=message_state_choices, empty_label=_("Any state"), widget=_select())
    urgency = OneOfFilter(choices=urgency_choices)
    recipient = KeyFilter(field_name="recipient_id")
    person = django_filters.CharFilter(method="filter_person", max_length=120)
    about = django_filters.CharFilter(field_name="about_ref", max_length=40)
    search = django_filters.CharFilter(
        method="filter_search",
        max_length=120,
        help_text="What it is about (INC-1042), or part of a name or address",
    )

    class Meta:
        model = Message
        fields: list[str] = []

    def filter_person(self, queryset: QuerySet[Message], name: str, value: str) -> QuerySet[Message]:
        value = value.replace("\0", "").strip()
        people = User.objects.filter(Q(name__icontains=value) | Q(email__icontains=value))
        return queryset.filter(recipient__in=people.values("pk"))

    def filter_search(self, queryset: QuerySet[Message], name: str, value: str) -> QuerySet[Message]:
        """A ref or a person: both have an index, which the words of a million subjects have not."""
        if is_ref(value):
            return queryset.filter(about_ref=value.strip().upper())
        return self.filter_person(queryset, name, value)
