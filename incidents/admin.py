"""What leads shape in the admin: the severity matrix; the rest is there to be looked at."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin_access import RoleModelAdmin, RoleTabularInline
from incidents.models import (
    Clock,
    ClockCheck,
    ClockCorrection,
    Entry,
    HandOff,
    Incident,
    Replanning,
    SeverityRule,
)


class ReadOnlyInline(RoleTabularInline):
    read_only = True
    deletable = False
    addable = False


class EntryInline(ReadOnlyInline):
    model = Entry
    fields = ["happened_at", "kind", "visibility", "actor_name", "text"]
    readonly_fields = fields


class ClockInline(ReadOnlyInline):
    model = Clock
    fields = ["kind", "state", "started_at", "due_at", "breached_at", "met_at"]
    readonly_fields = fields


@admin.register(Incident)
class IncidentAdmin(RoleModelAdmin):
    """The record with its lines and promises. Verbs live in the portal, so nothing is changed here."""

    read_only = True
    list_display = ["ref", "title", "severity", "state", "service", "owner", "opened_at"]
    list_display_links = ["ref", "title"]
    list_filter = ["state", "severity", "source"]
    list_select_related = ["service", "owner"]
    search_fields = ["title", "service__slug"]
    ordering = ["-opened_at", "-pk"]
    date_hierarchy = "opened_at"
    exclude = ["search"]
    inlines = [ClockInline, EntryInline]


@admin.register(SeverityRule)
class SeverityRuleAdmin(RoleModelAdmin):
    """The matrix: a change counts for incidents opened from then on."""

    list_display = ["impact", "urgency", "severity"]
    list_display_links = ["impact"]
    list_editable = ["severity"]
    deletable = True


@admin.register(Entry)
class EntryAdmin(RoleModelAdmin):
    """Append-only; a correction is a new line."""

    read_only = True
    list_display = ["happened_at", "incident_id", "kind", "visibility", "actor_name", "text"]
    list_filter = ["kind", "visibility", "actor_kind"]
    search_fields = ["text", "actor_name"]
    ordering = ["-recorded_at", "-pk"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("actor")


@admin.register(Clock)
class ClockAdmin(RoleModelAdmin):
    """Promises being counted."""

    read_only = True
    list_display = ["incident_id", "kind", "state", "severity", "due_at", "breached_at", "met_at"]
    list_filter = ["kind", "state", "severity"]
    search_fields = ["incident__title"]


@admin.register(ClockCorrection)
class ClockCorrectionAdmin(RoleModelAdmin):
    """Breaches judged again. They are asked for and decided where the promise is explained."""

    read_only = True
    list_display = ["clock", "verdict", "state", "reason", "asked_by", "decided_by", "asked_at"]
    list_filter = ["state", "verdict"]
    list_select_related = ["clock__incident", "asked_by", "decided_by"]
    search_fields = ["reason"]
    ordering = ["-asked_at", "-pk"]


@admin.register(Replanning)
class ReplanningAdmin(RoleModelAdmin):
    """New terms applied to what counts; asked for in the portal, where it says how far it is."""

    read_only = True
    list_display = ["asked_at", "agreement", "calendar", "how", "reason", "total", "moved", "finished_at"]
    list_filter = ["how"]
    list_select_related = ["agreement", "calendar"]
    search_fields = ["reason"]
    ordering = ["-asked_at", "-pk"]


@admin.register(ClockCheck)
class ClockCheckAdmin(RoleModelAdmin):
    """The nightly looks at all promises."""

    read_only = True
    list_display = ["at", "checked", "drifted"]
    ordering = ["-at"]


@admin.register(HandOff)
class HandOffAdmin(RoleModelAdmin):
    """Who gave work to whom. Verbs live in the portal, so nothing is changed here."""

    read_only = True
    list_display = [
        "at",
        "incident_id",
        "from_party",
        "to_party",
        "by_name",
        "accepted_at",
        "bounced_at",
        "returned_at",
    ]
    list_filter = ["from_party", "to_party"]
    search_fields = ["by_name", "note", "bounce_reason"]
    ordering = ["-at", "-pk"]
