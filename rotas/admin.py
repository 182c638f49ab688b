"""Rotas and policies in the admin: leads shape them there; what ran is only to be looked at.

Layers and steps have pages of their own with their inlines; rota and policy link to them.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin_access import RoleModelAdmin, RoleTabularInline
from core.http.now import request_now
from rotas.admin_forms import LayerForm, MemberForm, NeedForm, PolicyForm, StepForm, TargetForm, WindowForm
from rotas.domain.covering import touch
from rotas.models import (
    Call,
    Cover,
    CoverNeed,
    EscalationPolicy,
    EscalationRun,
    Handover,
    HandoverItem,
    Layer,
    LayerMember,
    LayerWindow,
    Leave,
    LeaveCalendar,
    Override,
    Participation,
    PolicyAssignment,
    PolicyStep,
    RestRule,
    Rota,
    RotaVersion,
    Shadow,
    Skill,
    StepTarget,
    Swap,
)


class CoveredAdmin(RoleModelAdmin):
    """Whatever is saved here may change who is on call: the cover of its rota is worked out again from now on.

    What has passed stays as it was written down.
    """

    @staticmethod
    def rota_of(obj: Any) -> int | None:
        """The rota whose cover changes; None: that of all."""
        return obj.pk if isinstance(obj, Rota) else getattr(obj, "rota_id", None)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        self._touch(request, form.instance)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        self._touch(request, obj)

    def _touch(self, request: HttpRequest, obj: Any) -> None:
        now, key = request_now(request), self.rota_of(obj)
        touch(None if key is None else [key], now, now)


class LayerInline(RoleTabularInline):
    model = Layer
    form = LayerForm
    fields = ("name", "version", "priority", "zone", "unit", "length", "anchor")
    show_change_link = True


class NeedInline(RoleTabularInline):
    model = CoverNeed
    form = NeedForm
    autocomplete_fields: ClassVar = ["skill"]


class ParticipationInline(RoleTabularInline):
    model = Participation
    autocomplete_fields: ClassVar = ["user"]


class VersionInline(RoleTabularInline):
    """Patterns are planned and taken back in the portal, where what they change is seen before."""

    model = RotaVersion
    read_only = True
    fields = ("starts_at", "note", "created_by", "undone_at")


@admin.register(Rota)
class RotaAdmin(CoveredAdmin):
    """Retired by `is_active`, never deleted."""

    list_display = ("name", "level", "team", "zone", "is_active")
    list_filter = ("level", "is_active")
    list_select_related = ("team",)
    search_fields = ("name", "slug")
    autocomplete_fields: ClassVar = ["team", "owner", "holiday_people"]
    prepopulated_fields: ClassVar = {"slug": ["name"]}
    inlines: ClassVar = [NeedInline, ParticipationInline, VersionInline, LayerInline]


class MemberInline(RoleTabularInline):
    model = LayerMember
    form = MemberForm
    autocomplete_fields: ClassVar = ["user"]


class WindowInline(RoleTabularInline):
    model = LayerWindow
    form = WindowForm


@admin.register(Layer)
class LayerAdmin(CoveredAdmin):
    """One rotation: whose turn in which order, and when it is on."""

    form = LayerForm
    deletable = True
    list_display = ("name", "rota", "site", "priority", "zone", "unit", "length")
    list_filter = ("rota", "site")
    list_select_related = ("rota", "site")
    search_fields = ("name", "rota__name")
    autocomplete_fields: ClassVar = ["rota", "site"]
    inlines: ClassVar = [MemberInline, WindowInline]


@admin.register(Override)
class OverrideAdmin(RoleModelAdmin):
    """To be looked at; they are made and taken back on the rota's page."""

    read_only = True
    list_display = ("rota", "user", "replaces", "starts_at", "ends_at", "created_by")
    list_filter = ("rota",)
    list_select_related = ("rota", "user", "replaces", "created_by")
    search_fields = ("rota__name", "user__name", "replaces__name", "reason")


@admin.register(Skill)
class SkillAdmin(RoleModelAdmin):
    """What a rota may ask of people, and who has it."""

    deletable = True
    list_display = ("name", "slug")
    search_fields = ("name", "slug")
    prepopulated_fields: ClassVar = {"slug": ["name"]}
    autocomplete_fields: ClassVar = ["people"]


@admin.register(RestRule)
class RestRuleAdmin(RoleModelAdmin):
    """How much is too much, by site."""

    deletable = True
    list_display = ("__str__", "min_rest_hours", "max_days", "max_week_hours")
    list_select_related = ("site",)
    autocomplete_fields: ClassVar = ["site"]


@admin.register(Shadow)
class ShadowAdmin(RoleModelAdmin):
    """To be looked at; they are entered and taken back on the rota's page, where their people are told."""

    read_only = True
    list_display = ("rota", "user", "kind", "starts_at", "ends_at", "created_by")
    list_filter = ("rota",)
    list_select_related = ("rota", "user", "created_by")
    search_fields = ("rota__name", "user__name")


@admin.register(Leave)
class LeaveAdmin(RoleModelAdmin):
    """To be looked at; it is asked for and decided in the portal, where the shifts that it meets are shown."""

    read_only = True
    list_display = ("user", "kind", "state", "starts_at", "ends_at", "decided_by")
    list_filter = ("state", "kind")
    list_select_related = ("user", "decided_by")
    search_fields = ("user__name",)


@admin.register(LeaveCalendar)
class LeaveCalendarAdmin(RoleModelAdmin):
    """To be looked at; people give and take away the address of their own calendar in the portal. It is shown to nobody."""

    read_only = True
    exclude = ("address_sealed",)
    list_display = ("user", "hint", "read_at", "tried_at", "error")
    list_select_related = ("user",)
    search_fields = ("user__name", "hint")


@admin.register(Swap)
class SwapAdmin(RoleModelAdmin):
    """To be looked at; people offer and take shifts in the portal."""

    read_only = True
    list_display = ("rota", "giver", "taker", "starts_at", "ends_at", "state")
    list_filter = ("state", "rota")
    list_select_related = ("rota", "giver", "taker")
    search_fields = ("rota__name", "giver__name", "taker__name")


@admin.register(Cover)
class CoverAdmin(RoleModelAdmin):
    """Who was, is and will be on call: written by the engine, never by hand."""

    read_only = True
    list_display = ("rota", "starts_at", "ends_at", "user", "why")
    list_filter = ("rota",)
    list_select_related = ("rota", "user")
    search_fields = ("rota__name", "user__name")
    ordering = ("-starts_at", "place")


class HandoverItemInline(RoleTabularInline):
    model = HandoverItem
    read_only = True
    fields = ("section", "title", "next_action", "owner", "due_at", "carried", "accepted_at", "accepted_by")
    can_delete = False


@admin.register(Handover)
class HandoverAdmin(RoleModelAdmin):
    """To be looked at; who goes writes and publishes it in the portal, who comes accepts it."""

    read_only = True
    list_display = ("rota", "at", "state", "published_by", "published_at", "accepted_at")
    list_filter = ("state", "rota")
    list_select_related = ("rota", "published_by")
    search_fields = ("rota__name", "summary")
    ordering = ("-at", "-pk")
    inlines: ClassVar = [HandoverItemInline]


class StepInline(RoleTabularInline):
    model = PolicyStep
    fk_name = "policy"
    fields = ("position", "wait_minutes")
    show_change_link = True


@admin.register(EscalationPolicy)
class EscalationPolicyAdmin(RoleModelAdmin):
    """Switched off by `is_active`. Runs that walk it keep the terms they started with."""

    form = PolicyForm
    list_display = ("name", "repeats", "fallback", "is_default", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("fallback",)
    search_fields = ("name", "slug")
    autocomplete_fields: ClassVar = ["fallback"]
    prepopulated_fields: ClassVar = {"slug": ["name"]}
    inlines: ClassVar = [StepInline]


class TargetInline(RoleTabularInline):
    model = StepTarget
    form = TargetForm
    autocomplete_fields: ClassVar = ["rota", "user", "team"]
    raw_id_fields: ClassVar = ["contact"]


@admin.register(PolicyStep)
class PolicyStepAdmin(RoleModelAdmin):
    """One step: whom it calls, and how long it waits."""

    deletable = True
    list_display = ("policy", "position", "wait_minutes")
    list_filter = ("policy",)
    list_select_related = ("policy",)
    search_fields = ("policy__name",)
    form = StepForm
    autocomplete_fields: ClassVar = ["policy", "then_policy"]
    inlines: ClassVar = [TargetInline]


@admin.register(PolicyAssignment)
class PolicyAssignmentAdmin(RoleModelAdmin):
    """Which policy calls for which service and severity; the most specific wins."""

    deletable = True
    list_display = ("policy", "service", "severity", "hours")
    list_filter = ("severity", "hours", "policy")
    list_select_related = ("policy", "service")
    search_fields = ("policy__name", "service__slug")
    autocomplete_fields: ClassVar = ["policy", "service"]


class CallInline(RoleTabularInline):
    model = Call
    read_only = True
    fields = ("at", "round", "step", "user", "outcome", "why")
    can_delete = False


@admin.register(EscalationRun)
class EscalationRunAdmin(RoleModelAdmin):
    """What was walked for whom."""

    read_only = True
    list_display = ("policy_name", "subject_kind", "subject_id", "state", "started_at", "next_at", "ended_at")
    list_filter = ("state",)
    search_fields = ("policy_name",)
    inlines: ClassVar = [CallInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("policy")
