"""Imports and outside keys, to be looked at. Both are written by imports only."""

from django.contrib import admin

from accounts.admin_access import RoleModelAdmin
from integrations.models import ExternalRef, ImportRun


@admin.register(ImportRun)
class ImportRunAdmin(RoleModelAdmin):
    """What was imported when, by whom, and what came of it."""

    read_only = True
    list_display = [
        "started_at", "file_name", "kind", "system", "state", "by", "rows_read", "rows_rejected", "incidents_made",
        "incidents_known",
    ]  # fmt: skip
    list_display_links = ["started_at", "file_name"]
    list_filter = ["state", "kind", "system"]
    search_fields = ["file_name", "by"]
    ordering = ["-started_at", "-pk"]


@admin.register(ExternalRef)
class ExternalRefAdmin(RoleModelAdmin):
    """Which incident another system means by which key."""

    read_only = True
    readonly_fields = ["system", "key", "incident", "url", "import_run", "created_at"]
    list_display = ["system", "key", "incident_id", "import_run_id", "created_at"]
    list_display_links = ["key"]
    list_filter = ["system"]
    search_fields = ["key"]
    ordering = ["-pk"]
