"""What leads shape in the admin: integrations and the routing table; the rest is there to be looked at."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.actor import actor_of
from core.crypto import SecretUnreadableError
from core.http.now import request_now
from core.labels import parse_matchers
from monitoring import rules
from monitoring.domain.integrations import intake_url, record_edit, save_new
from monitoring.forms import RateMixin
from monitoring.models import Alert, Integration, RawDelivery, RoutingRule
from monitoring.sources import all_sources


class LeadsAdmin(ModelAdmin):
    """Leads and administrators may; nobody deletes what history names."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return rules.can_run_intake(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return rules.can_run_intake(request.user)

    has_add_permission = has_module_permission
    has_change_permission = has_view_permission

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(LeadsAdmin):
    """To be looked at: machines write it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class IntegrationForm(RateMixin):
    source = forms.ChoiceField(choices=lambda: [(each.slug, each.label) for each in all_sources()])


@admin.register(Integration)
class IntegrationAdmin(LeadsAdmin):
    form = IntegrationForm
    list_display = ["name", "source", "service", "rate", "is_active", "last_received_at"]
    list_filter = ["source", "is_active"]
    list_select_related = ["service"]
    search_fields = ["name", "service__slug"]
    fields = [
        "name",
        "source",
        "service",
        "service_label",
        "rate",
        "is_active",
        "url",
        "created_at",
        "last_received_at",
    ]
    readonly_fields = ["url", "created_at", "last_received_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Integration | None = None) -> list[str]:
        return [*self.readonly_fields, "source"] if obj else self.readonly_fields

    @admin.display(description="Intake URL")
    def url(self, obj: Integration) -> str:
        if not obj.pk:
            return "Shown once it is saved"
        try:
            return intake_url(obj)
        except SecretUnreadableError as error:
            return str(error)

    def save_model(self, request: HttpRequest, obj: Integration, form: Any, change: bool) -> None:
        if change:
            obj.save()
            record_edit(
                obj, fields=sorted(form.changed_data), actor=actor_of(request), now=request_now(request)
            )
        else:
            save_new(obj, actor=actor_of(request), now=request_now(request))


class RoutingRuleForm(forms.ModelForm):
    def clean_matchers(self) -> list[dict[str, str]]:
        """Refuse what `core.labels` can't use, in its own words; an empty rule would match nothing."""
        matchers = self.cleaned_data["matchers"]
        try:
            parsed = parse_matchers(matchers)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
        return [{"name": each.name, "op": each.op, "value": each.value} for each in parsed]


@admin.register(RoutingRule)
class RoutingRuleAdmin(LeadsAdmin):
    form = RoutingRuleForm
    list_display = ["position", "name", "service", "is_active"]
    list_display_links = ["name"]
    list_editable = ["position"]
    list_select_related = ["service"]
    search_fields = ["name", "service__slug"]
    autocomplete_fields: list[str] = []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return rules.can_run_intake(request.user)


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = ["title", "status", "severity", "service", "count", "last_seen_at"]
    list_filter = ["status", "severity"]
    list_select_related = ["service"]
    search_fields = ["title", "identity"]
    show_full_result_count = False


@admin.register(RawDelivery)
class RawDeliveryAdmin(ReadOnlyAdmin):
    list_display = ["pk", "integration_id", "state", "received_at", "reason"]
    list_filter = ["state"]
    exclude = ["body"]
    show_full_result_count = False
