"""Agreements in the admin: who promises what to whom; the terms of each version with its targets and warnings."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin_access import RoleModelAdmin, RoleTabularInline
from services import models
from services.choices import VersionState


class ScopeInline(RoleTabularInline):
    model = models.AgreementScope
    autocomplete_fields: ClassVar = ["service", "client"]


class VersionsInline(RoleTabularInline):
    """The versions of an agreement; each has a page of its own."""

    model = models.AgreementVersion
    fields = ("number", "state", "valid_from", "valid_to", "calendar", "note")
    readonly_fields = fields
    show_change_link = True
    addable = False
    deletable = False


class _OfDraft(RoleTabularInline):
    """Rows of a version: what is published stays as it is."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_open(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_open(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_open(obj) and super().has_delete_permission(request, obj)


class TargetInline(_OfDraft):
    model = models.AgreementTarget


class RungInline(_OfDraft):
    model = models.WarningRung


@admin.register(models.Agreement)
class AgreementAdmin(RoleModelAdmin):
    list_display = ("name", "kind", "provider", "provider_team", "receiver", "client", "is_default")
    list_filter = ("kind", "provider", "is_default")
    list_select_related = ("provider_team", "client")
    search_fields = ("name", "slug")
    autocomplete_fields: ClassVar = ["provider_team", "client"]
    prepopulated_fields: ClassVar = {"slug": ["name"]}
    inlines: ClassVar = [ScopeInline, VersionsInline]


@admin.register(models.AgreementVersion)
class AgreementVersionAdmin(RoleModelAdmin):
    """A draft is edited here and published on the agreement's page in the portal, where what changes is shown first."""

    list_display = ("agreement", "number", "state", "valid_from", "valid_to", "calendar", "note")
    list_display_links = ("agreement", "number")
    list_filter = ("state", "agreement")
    list_select_related = ("agreement", "calendar")
    search_fields = ("agreement__name", "note")
    autocomplete_fields: ClassVar = ["agreement", "calendar"]
    fields = (
        "agreement", "number", "state", "valid_from", "valid_to", "calendar", "zone_source", "warn_percent", "on_reopen",
        "on_severity", "excludes_maintenance", "credits_text", "note",
    )  # fmt: skip
    readonly_fields = ("state", "valid_from", "valid_to", "number")
    inlines: ClassVar = [TargetInline, RungInline]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_open(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A draft that nobody wants goes."""
        return obj is not None and obj.is_draft and type(self).rule(request.user)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            newest = obj.agreement.versions.order_by("-number").values_list("number", flat=True).first()
            obj.number = (newest or 0) + 1
        super().save_model(request, obj, form, change)


def _is_open(version: Any) -> bool:
    """Whether a version may still be edited; a new one may."""
    return version is None or version.state == VersionState.DRAFT
