"""What rotas, overrides, policies and runs can be asked for."""

import django_filters

from core.filters import InstantFilter, KeyFilter, OneOfFilter, SomeOfFilter, WordsFilter, YesNoFilter
from rotas.choices import (
    handover_state_choices,
    leave_state_choices,
    level_choices,
    run_state_choices,
    shadow_kind_choices,
    swap_state_choices,
)
from rotas.models import EscalationPolicy, EscalationRun, Handover, Leave, Override, Rota, Shadow, Swap


class RotaFilter(django_filters.FilterSet):
    level = OneOfFilter(choices=level_choices)
    team = django_filters.CharFilter(field_name="team__slug")
    is_active = YesNoFilter()
    search = WordsFilter("name", "slug")

    class Meta:
        model = Rota
        fields: list[str] = []


class OverrideFilter(django_filters.FilterSet):
    rota = django_filters.CharFilter(field_name="rota__slug")
    ends_after = InstantFilter(field_name="ends_at", lookup_expr="gt")
    starts_before = InstantFilter(field_name="starts_at", lookup_expr="lt")

    search = WordsFilter("rota__name", "rota__slug", "user__name", "user__email", "reason")

    class Meta:
        model = Override
        fields: list[str] = []


class ShadowFilter(django_filters.FilterSet):
    kind = OneOfFilter(choices=shadow_kind_choices)
    ends_after = InstantFilter(field_name="ends_at", lookup_expr="gt")
    starts_before = InstantFilter(field_name="starts_at", lookup_expr="lt")
    search = WordsFilter("user__name", "user__email")

    class Meta:
        model = Shadow
        fields: list[str] = []


class SwapFilter(django_filters.FilterSet):
    rota = django_filters.CharFilter(field_name="rota__slug")
    state = SomeOfFilter(choices=swap_state_choices)
    search = WordsFilter("rota__name", "giver__name", "taker__name", "note")

    class Meta:
        model = Swap
        fields: list[str] = []


class LeaveFilter(django_filters.FilterSet):
    user = django_filters.CharFilter(field_name="user__email")
    state = SomeOfFilter(choices=leave_state_choices)
    ends_after = InstantFilter(field_name="ends_at", lookup_expr="gt")
    starts_before = InstantFilter(field_name="starts_at", lookup_expr="lt")
    search = WordsFilter("user__name", "note")

    class Meta:
        model = Leave
        fields: list[str] = []


class PolicyFilter(django_filters.FilterSet):
    is_active = YesNoFilter()
    search = WordsFilter("name", "slug")

    class Meta:
        model = EscalationPolicy
        fields: list[str] = []


class RunFilter(django_filters.FilterSet):
    state = SomeOfFilter(choices=run_state_choices)
    subject_kind = django_filters.CharFilter()
    subject_id = KeyFilter()
    search = WordsFilter("policy_name", help_text="Words of the policy's name")

    class Meta:
        model = EscalationRun
        fields: list[str] = []


class HandoverFilter(django_filters.FilterSet):
    rota = django_filters.CharFilter(field_name="rota__slug")
    state = SomeOfFilter(choices=handover_state_choices)
    after = InstantFilter(field_name="at", lookup_expr="gte")
    before = InstantFilter(field_name="at", lookup_expr="lt")
    search = WordsFilter(
        "rota__name", "rota__slug", "summary", help_text="Words of the rota, or of the summary"
    )

    class Meta:
        model = Handover
        fields: list[str] = []
