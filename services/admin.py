"""The catalogue in the admin."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet, URLField
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actor import actor_of
from accounts.admin_access import RoleModelAdmin, RoleTabularInline
from core.http.now import request_now
from services import (
    admin_agreements,  # noqa: F401  # its pages belong to this admin
    admin_forms,
    models,
)
from services.domain.objectives import enlist
from services.domain.versions import promote, set_stage


class FrameInline(RoleTabularInline):
    model = models.CalendarFrame
    form = admin_forms.FrameForm


class ExceptionInline(RoleTabularInline):
    model = models.CalendarException
    form = admin_forms.ExceptionForm


class ClientMemberInline(RoleTabularInline):
    model = models.ClientMember
    autocomplete_fields: ClassVar = ["user"]


class _SecureUrls:
    """An address typed without a scheme is https."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if isinstance(db_field, URLField):
            options["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **options)


class ModelInline(_SecureUrls, RoleTabularInline):
    model = models.MLModel
    show_change_link = True


class VersionInline(RoleTabularInline):
    """Versions of a model. Stages move on a version's own page, where the former champion is archived."""

    model = models.ModelVersion
    fields = ("version", "stage", "trained_at", "promoted_at", "notes")
    readonly_fields = ("stage", "promoted_at")
    show_change_link = True


@admin.register(models.BusinessCalendar)
class BusinessCalendarAdmin(RoleModelAdmin):
    form = admin_forms.CalendarForm
    list_display = ("name", "zone", "always_open", "country", "subdivision")
    list_filter = ("always_open", "country")
    search_fields = ("name", "slug", "zone")
    prepopulated_fields: ClassVar = {"slug": ["name"]}
    inlines: ClassVar = [FrameInline, ExceptionInline]


@admin.register(models.Client)
class ClientAdmin(RoleModelAdmin):
    list_display = ("name", "zone", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "slug")
    prepopulated_fields: ClassVar = {"slug": ["name"]}
    inlines: ClassVar = [ClientMemberInline]


@admin.register(models.Service)
class ServiceAdmin(RoleModelAdmin):
    form = admin_forms.ServiceForm
    list_display = ("slug", "name", "client", "tier", "kind", "lifecycle", "owning_team", "agreement")
    list_filter = ("tier", "kind", "environment", "lifecycle", "client", "owning_team")
    list_select_related = ("client", "owning_team", "agreement")
    search_fields = ("slug", "name", "client__name")
    autocomplete_fields: ClassVar = ["client", "owning_team", "parties", "support_calendar", "agreement"]
    prepopulated_fields: ClassVar = {"slug": ["name"]}
    inlines: ClassVar = [ModelInline]


@admin.register(models.MLModel)
class MLModelAdmin(_SecureUrls, RoleModelAdmin):
    list_display = ("name", "service", "task")
    list_filter = ("service",)
    list_select_related = ("service",)
    search_fields = ("name", "service__slug")
    autocomplete_fields: ClassVar = ["service"]
    inlines: ClassVar = [VersionInline]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Versions are records of their own to the API: each that changed here has its line."""
        super().save_formset(request, form, formset, change)
        if formset.model is models.ModelVersion:
            for version in formset.new_objects:
                self._audit(request, version, "add", {})
            for version, fields in formset.changed_objects:
                self._audit(request, version, "change", dict.fromkeys(fields, "changed"))


@admin.register(models.ModelVersion)
class ModelVersionAdmin(RoleModelAdmin):
    form = admin_forms.VersionForm
    list_display = ("version", "model", "service", "stage", "trained_at", "promoted_at")
    list_filter = ("stage", "model__service")
    list_select_related = ("model__service",)
    search_fields = ("version", "model__name", "model__service__slug")
    autocomplete_fields: ClassVar = ["model"]
    readonly_fields = ("promoted_at",)
    actions: ClassVar = ["make_champion"]

    @admin.display(description=_("Service"), ordering="model__service__slug")
    def service(self, version: models.ModelVersion) -> str:
        return version.model.service.slug

    @admin.action(description=_("Make champion; the former one is archived"))
    def make_champion(self, request: HttpRequest, queryset: QuerySet[models.ModelVersion]) -> None:
        for version in queryset.select_related("model"):
            promote(version, actor=actor_of(request), now=request_now(request))

    def save_model(
        self, request: HttpRequest, obj: models.ModelVersion, form: ModelForm, change: bool
    ) -> None:
        wanted = obj.stage
        obj.stage = form.initial.get("stage") or models.ModelVersion._meta.get_field("stage").default
        super().save_model(request, obj, form, change)
        set_stage(obj, wanted, actor=actor_of(request), now=request_now(request))


class ResponsibilityInline(RoleTabularInline):
    """The letters of an activity; without a service those of the template."""

    model = models.Responsibility
    fields = ("party", "letter", "service")
    autocomplete_fields: ClassVar = ["service"]


@admin.register(models.Activity)
class ActivityAdmin(RoleModelAdmin):
    deletable = True
    list_display = ("name", "slug", "group", "position", "needs_runbook")
    list_editable = ("position",)
    list_filter = ("group", "needs_runbook")
    search_fields = ("name", "slug")
    prepopulated_fields: ClassVar = {"slug": ["name"]}
    inlines: ClassVar = [ResponsibilityInline]


@admin.register(models.PartyTerms)
class PartyTermsAdmin(RoleModelAdmin):
    """The template of a party, and what services say otherwise."""

    deletable = True
    list_display = ("party", "service", "team", "timebox_minutes", "hands_to")
    list_filter = ("party",)
    list_select_related = ("service", "team")
    search_fields = ("party", "service__slug", "scope_in")
    autocomplete_fields: ClassVar = ["service", "team"]
    form = admin_forms.PartyTermsForm


@admin.register(models.OperatingModelVersion)
class OperatingModelVersionAdmin(RoleModelAdmin):
    """What was published stays as it was."""

    read_only = True
    list_display = ("number", "note", "published_at", "published_by")
    list_select_related = ("published_by",)
    search_fields = ("note",)


@admin.register(models.Dependency)
class DependencyAdmin(RoleModelAdmin):
    deletable = True
    list_display = ("downstream", "kind", "upstream", "critical", "note")
    list_filter = ("kind", "critical")
    list_select_related = ("upstream", "downstream")
    search_fields = ("upstream__slug", "downstream__slug", "note")
    autocomplete_fields: ClassVar = ["upstream", "downstream"]


@admin.register(models.ReadinessResult)
class ReadinessResultAdmin(RoleModelAdmin):
    """What was found is the checks' to say; who mends it, and by when, is people's."""

    addable = False
    list_display = ("service", "standard", "state", "since", "owner", "due")
    list_filter = ("state", "standard")
    list_select_related = ("service", "owner")
    search_fields = ("service__slug", "standard", "evidence")
    fields = ("service", "standard", "state", "evidence", "since", "checked_at", "owner", "due")
    readonly_fields = ("service", "standard", "state", "evidence", "since", "checked_at")
    autocomplete_fields: ClassVar = ["owner"]


@admin.register(models.ReadinessChange)
class ReadinessChangeAdmin(RoleModelAdmin):
    read_only = True
    list_display = ("at", "service", "standard", "before", "after", "evidence")
    list_filter = ("standard", "after")
    list_select_related = ("service",)
    search_fields = ("service__slug", "standard")


class BurnInline(RoleTabularInline):
    """Which rungs burn, since when. The tick writes them."""

    model = models.ObjectiveBurn
    fields = ("rung", "is_firing", "since", "episodes", "next_at")
    read_only = True
    deletable = False


@admin.register(models.Objective)
class ObjectiveAdmin(RoleModelAdmin):
    """What it counts and of which service stays, as the numbers are theirs."""

    form = admin_forms.ObjectiveForm
    list_display = ("name", "service", "indicator", "target", "window", "state", "is_active", "burn_alerts")
    list_filter = ("indicator", "window", "state", "is_active", "service__client")
    list_select_related = ("service",)
    search_fields = ("slug", "name", "service__slug", "service__name")
    autocomplete_fields: ClassVar = ["service", "model", "owner"]
    prepopulated_fields: ClassVar = {"slug": ["name"]}
    inlines: ClassVar = [BurnInline]

    def get_readonly_fields(
        self, request: HttpRequest, obj: models.Objective | None = None
    ) -> tuple[str, ...]:
        stood = ("state", "spent_permille", "stood_at")
        return ("slug", "service", "indicator", *stood) if obj else stood

    def get_prepopulated_fields(self, request: HttpRequest, obj: models.Objective | None = None) -> dict:
        return {} if obj else {"slug": ["name"]}

    def save_model(self, request: HttpRequest, obj: models.Objective, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        enlist(obj, now=request_now(request))


@admin.register(models.IndicatorBucket)
class IndicatorBucketAdmin(RoleModelAdmin):
    """What was counted. A count that is wrong can be mended."""

    list_display = ("objective", "starts_at", "good", "total")
    list_filter = ("objective",)
    list_select_related = ("objective",)
    ordering = ("-starts_at", "-pk")
    autocomplete_fields: ClassVar = ["objective"]
    addable = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("objective", "starts_at")


@admin.register(models.ImpactWindow)
class ImpactWindowAdmin(RoleModelAdmin):
    """When services failed their users. Said on incidents; mended, or said without one, here."""

    list_display = ("service", "effect", "share", "starts_at", "ends_at", "incident_ref")
    list_filter = ("effect", "service__client")
    list_select_related = ("service",)
    search_fields = ("incident_ref", "note", "service__slug", "service__name")
    autocomplete_fields: ClassVar = ["service"]
    readonly_fields = ("incident_id", "incident_ref")
    deletable = True


@admin.register(models.MaintenanceWindow)
class MaintenanceWindowAdmin(RoleModelAdmin):
    list_display = ("title", "starts_at", "ends_at", "announced", "cancelled_at")
    list_filter = ("announced",)
    search_fields = ("title", "note")
    autocomplete_fields: ClassVar = ["services"]
    readonly_fields = ("created_by", "created_at")

    def save_model(
        self, request: HttpRequest, obj: models.MaintenanceWindow, form: ModelForm, change: bool
    ) -> None:
        now = request_now(request)
        if not change:
            obj.created_at, obj.created_by = now, request.user
        if obj.announced and obj.announced_at is None:
            obj.announced_at = now
        super().save_model(request, obj, form, change)
