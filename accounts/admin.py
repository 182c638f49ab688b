"""People, teams, sites and tokens in the admin."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts import rules
from accounts.actor import actor_of
from accounts.admin_access import RoleModelAdmin, RoleTabularInline
from accounts.domain.tokens import revoke
from accounts.models import ApiToken, AuditEntry, Membership, Site, Team, User
from core.http.now import request_now

admin.site.unregister(Group)


class NewUserForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name", "role", "site")


class EditUserForm(UserChangeForm):
    class Meta:
        model = User
        fields = ("email", "name", "role", "site", "own_zone", "phone", "is_active", "joined_at")

    def clean(self) -> Any:
        """Nobody shuts themself out: another administrator has to do it."""
        cleaned = super().clean()
        if self.instance.pk == self.asked_by and (
            not cleaned.get("is_active", True) or cleaned.get("role", self.instance.role) != self.was
        ):
            raise ValidationError(
                "Nobody changes their own role or deactivates themself. Ask another administrator."
            )
        return cleaned

    asked_by: int | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.was = self.instance.role


class MembershipInline(RoleTabularInline):
    model = Membership
    autocomplete_fields: ClassVar = ["user"]


@admin.register(User)
class UserAdmin(RoleModelAdmin):
    """Accounts are deactivated, never deleted: history names them. For administrators."""

    rule = staticmethod(rules.is_administrator)
    add_form = NewUserForm
    form = EditUserForm
    list_display = ("name", "email", "role", "site", "is_active")
    list_filter = ("role", "site", "is_active")
    list_select_related = ("site",)
    search_fields = ("name", "email")
    autocomplete_fields: ClassVar = ["site"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = self.add_form
        form = super().get_form(request, obj, change=change, **kwargs)
        form.asked_by = request.user.pk
        return form

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """A change of role is found under its own name, beside the other fields."""
        super().save_model(request, obj, form, change)
        if change and "role" in form.changed_data:
            self._audit(request, obj, "role", {"role": [form.initial.get("role"), obj.role]})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("email", "name", "role", "site", "usable_password", "password1", "password2")
        return EditUserForm.Meta.fields

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leads choose people in other pages' fields."""
        return rules.is_lead(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return rules.is_lead(request.user)


@admin.register(Team)
class TeamAdmin(RoleModelAdmin):
    list_display = ("name", "kind", "lead")
    list_filter = ("kind",)
    list_select_related = ("lead",)
    search_fields = ("name", "slug")
    autocomplete_fields: ClassVar = ["lead"]
    prepopulated_fields: ClassVar = {"slug": ["name"]}
    inlines: ClassVar = [MembershipInline]


@admin.register(Site)
class SiteAdmin(RoleModelAdmin):
    list_display = ("name", "zone", "country", "hue", "position")
    search_fields = ("name", "slug")
    prepopulated_fields: ClassVar = {"slug": ["name"]}


@admin.register(ApiToken)
class ApiTokenAdmin(RoleModelAdmin):
    """Who holds which key; revoking is the only thing to do with them here."""

    rule = staticmethod(rules.is_administrator)
    read_only = True
    list_display = ("name", "user", "prefix", "scopes", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("user",)
    list_filter = ("revoked_at",)
    search_fields = ("name", "prefix", "user__email")
    exclude = ("digest",)
    actions: ClassVar = ["revoke_chosen"]

    @admin.action(description="Revoke the chosen tokens")
    def revoke_chosen(self, request: HttpRequest, queryset: Any) -> None:
        for token in queryset:
            revoke(token, actor=actor_of(request), now=request_now(request))
        self.message_user(request, "Revoked: they no longer work.")


@admin.register(AuditEntry)
class AuditEntryAdmin(RoleModelAdmin):
    read_only = True
    list_display = ("at", "actor_name", "action", "subject_name", "address")
    search_fields = ("actor_name", "action", "subject_name")
    date_hierarchy = "at"
