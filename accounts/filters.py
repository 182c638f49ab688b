"""What people, teams, sites, tokens and the audit trail can be asked for."""

import django_filters
from django.utils.translation import gettext_lazy as _

from accounts.choices import role_choices, team_kind_choices
from accounts.models import ApiToken, AuditEntry, Site, Team, User
from core.filters import InstantFilter, OneOfFilter, WordsFilter, YesNoFilter


class UserFilter(django_filters.FilterSet):
    role = OneOfFilter(choices=role_choices)
    is_active = YesNoFilter()
    site = django_filters.CharFilter(field_name="site__slug")
    team = django_filters.CharFilter(field_name="memberships__team__slug")
    search = WordsFilter("name", "email")

    class Meta:
        model = User
        fields: list[str] = []


class TeamFilter(django_filters.FilterSet):
    kind = OneOfFilter(choices=team_kind_choices)
    search = WordsFilter("name", "slug")

    class Meta:
        model = Team
        fields: list[str] = []


class SiteFilter(django_filters.FilterSet):
    country = django_filters.CharFilter(lookup_expr="iexact")
    search = WordsFilter("name", "slug", "zone")

    class Meta:
        model = Site
        fields: list[str] = []


class TokenFilter(django_filters.FilterSet):
    search = WordsFilter("name", "prefix")

    class Meta:
        model = ApiToken
        fields: list[str] = []


class AuditFilter(django_filters.FilterSet):
    """By words of the actor, beginning of the action, kind and name of the subject, and dates (UTC)."""

    actor = django_filters.CharFilter(field_name="actor_name", lookup_expr="icontains", label=_("Who"))
    action = django_filters.CharFilter(lookup_expr="startswith", label=_("Action begins with"))
    subject = django_filters.CharFilter(field_name="subject_name", lookup_expr="icontains", label=_("What"))
    after = InstantFilter(field_name="at", lookup_expr="gte")
    before = InstantFilter(field_name="at", lookup_expr="lt")

    search = WordsFilter("actor_name", "action", "subject_name", label=_("Words"))

    class Meta:
        model = AuditEntry
        fields = ["actor", "action", "subject", "after", "before", "search"]
