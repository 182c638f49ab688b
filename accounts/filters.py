"""What the audit trail can be asked for."""

import django_filters
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEntry


class AuditFilter(django_filters.FilterSet):
    """By words of the actor, beginning of the action, kind and name of the subject, and dates (UTC)."""

    actor = django_filters.CharFilter(field_name="actor_name", lookup_expr="icontains", label=_("Who"))
    action = django_filters.CharFilter(lookup_expr="startswith", label=_("Action begins with"))
    subject = django_filters.CharFilter(field_name="subject_name", lookup_expr="icontains", label=_("What"))
    after = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte")
    before = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt")

    class Meta:
        model = AuditEntry
        fields = ["actor", "action", "subject", "after", "before"]
