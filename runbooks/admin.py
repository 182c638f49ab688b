"""Runbooks in the admin."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.admin_access import RoleModelAdmin, RoleTabularInline
from core.labels import parse_matchers
from runbooks.domain.save import grew, index
from runbooks.models import Runbook, RunbookStep


class RunbookForm(forms.ModelForm):
    class Meta:
        model = Runbook
        fields = (
            "title",
            "slug",
            "summary",
            "body",
            "services",
            "activities",
            "matchers",
            "owner",
            "is_active",
            "tested_at",
        )

    def clean_matchers(self) -> Any:
        matchers = self.cleaned_data["matchers"] or []
        try:
            parse_matchers(matchers)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        return matchers


class StepInline(RoleTabularInline):
    model = RunbookStep


@admin.register(Runbook)
class RunbookAdmin(RoleModelAdmin):
    form = RunbookForm
    list_display = ("title", "version", "tested_at", "is_active", "updated_at")
    list_filter = ("is_active", "services")
    search_fields = ("title", "slug", "summary")
    autocomplete_fields: ClassVar = ["services", "activities", "owner"]
    prepopulated_fields: ClassVar = {"slug": ["title"]}
    inlines: ClassVar = [StepInline]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change and ("body" in form.changed_data or any(formset.has_changed() for formset in formsets)):
            grew(form.instance)
        index(form.instance)
