"""Rotas and policies in the admin: leads shape them there; what ran is only to be looked at.

Layers and steps have pages of their own with their inlines; rota and policy link to them.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin_access import RoleModelAdmin, RoleTabularInline
from rotas.admin_forms import LayerForm, MemberForm, PolicyForm, TargetForm, WindowForm
from rotas.models import (
    Call,
    EscalationPolicy,
    EscalationRun,
    Layer,
    LayerMember,
    LayerWindow,
    Override,
    PolicyAssignment,
    PolicyStep,
    Rota,
    StepTarget,
)


class LayerInline(RoleTabularInline):
    model = Layer
    form = LayerForm
    fields = ("name", "priority", "zone", "unit", "length", "anchor")
    show_change_link = True


@admin.register(Rota)
class RotaAdmin(RoleModelAdmin):
    """Retired by `is_active`, never deleted."""

    list_display = ("name", "level", "team", "zone", "is_active")
    list_filter = ("level", "is_active")
    list_select_related = ("team",)
    search_fields = ("name", "slug")
    autocomplete_fields: ClassVar = ["team"]
    prepopulated_fields: ClassVar = {"slug": ["name"]}
    inlines: ClassVar = [LayerInline]


class MemberInline(RoleTabularInline):
    model = LayerMember
    form = MemberForm
    autocomplete_fields: ClassVar = ["user"]


class WindowInline(RoleTabularInline):
    model = LayerWindow
    form = WindowForm


@admin.register(Layer)
class LayerAdmin(RoleModelAdmin):
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


class StepInline(RoleTabularInline):
    model = PolicyStep
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


@admin.register(PolicyStep)
class PolicyStepAdmin(RoleModelAdmin):
    """One step: whom it calls, and how long it waits."""

    deletable = True
    list_display = ("policy", "position", "wait_minutes")
    list_filter = ("policy",)
    list_select_related = ("policy",)
    search_fields = ("policy__name",)
    autocomplete_fields: ClassVar = ["policy"]
    inlines: ClassVar = [TargetInline]


@admin.register(PolicyAssignment)
class PolicyAssignmentAdmin(RoleModelAdmin):
    """Which policy calls for which service and severity; the most specific wins."""

    deletable = True
    list_display = ("policy", "service", "severity")
    list_filter = ("severity", "policy")
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
