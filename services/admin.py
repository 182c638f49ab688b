"""The catalogue in the admin."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError

from accounts.admin_access import RoleModelAdmin, RoleTabularInline
from services import models
from services.models.calendar import clock_face


class MinutesField(forms.CharField):
    """Minutes after midnight, written as 09:30; 24:00 is the day's end."""

    def prepare_value(self, value: Any) -> Any:
        return clock_face(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        hours, _, minutes = str(text).partition(":")
        if not (hours.isdecimal() and (minutes or "0").isdecimal()):
            raise ValidationError("Write a time such as 09:30; 24:00 is the end of the day.")
        total = int(hours[:3]) * 60 + int((minutes or "0")[:3])
        if total > 1440 or int((minutes or "0")[:3]) > 59:
            raise ValidationError("A time lies between 00:00 and 24:00.")
        return total


class FrameForm(forms.ModelForm):
    opens = MinutesField()
    closes = MinutesField()

    class Meta:
        model = models.CalendarFrame
        fields = ("weekday", "opens", "closes")


class ExceptionForm(forms.ModelForm):
    opens = MinutesField(required=False)
    closes = MinutesField(required=False)

    class Meta:
        model = models.CalendarException
        fields = ("date", "opens", "closes", "reason")


class FrameInline(RoleTabularInline):
    model = models.CalendarFrame
    form = FrameForm


class ExceptionInline(RoleTabularInline):
    model = models.CalendarException
    form = ExceptionForm


class TargetInline(RoleTabularInline):
    model = models.AgreementTarget


class ClientMemberInline(RoleTabularInline):
    model = models.ClientMember
    autocomplete_fields: ClassVar = ["user"]


class ModelInline(RoleTabularInline):
    model = models.MLModel
    show_change_link = True


class VersionInline(RoleTabularInline):
    model = models.ModelVersion


@admin.register(models.BusinessCalendar)
class BusinessCalendarAdmin(RoleModelAdmin):
    list_display = ("name", "zone", "always_open", "country")
    search_fields = ("name", "slug")
    prepopulated_fields: ClassVar = {"slug": ["name"]}
    inlines: ClassVar = [FrameInline, ExceptionInline]


@admin.register(models.Agreement)
class AgreementAdmin(RoleModelAdmin):
    list_display = ("name", "calendar", "is_default", "warn_percent")
    list_select_related = ("calendar",)
    search_fields = ("name", "slug")
    autocomplete_fields: ClassVar = ["calendar"]
    prepopulated_fields: ClassVar = {"slug": ["name"]}
    inlines: ClassVar = [TargetInline]


@admin.register(models.Client)
class ClientAdmin(RoleModelAdmin):
    list_display = ("name", "zone", "is_active")
    search_fields = ("name", "slug")
    prepopulated_fields: ClassVar = {"slug": ["name"]}
    inlines: ClassVar = [ClientMemberInline]


@admin.register(models.Service)
class ServiceAdmin(RoleModelAdmin):
    list_display = ("slug", "name", "client", "tier", "kind", "lifecycle", "owning_team")
    list_filter = ("tier", "kind", "lifecycle", "client", "owning_team")
    list_select_related = ("client", "owning_team")
    search_fields = ("slug", "name", "client__name")
    autocomplete_fields: ClassVar = ["client", "owning_team", "parties", "support_calendar", "agreement"]
    prepopulated_fields: ClassVar = {"slug": ["name"]}
    inlines: ClassVar = [ModelInline]


@admin.register(models.MLModel)
class MLModelAdmin(RoleModelAdmin):
    list_display = ("name", "service", "task")
    list_select_related = ("service",)
    search_fields = ("name", "service__slug")
    autocomplete_fields: ClassVar = ["service"]
    inlines: ClassVar = [VersionInline]
