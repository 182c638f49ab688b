"""The admin by role: leads shape the service, administrators everything; every save is on the audit trail."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from accounts.actor import actor_of
from accounts.domain.audit import record
from accounts.rules import is_lead
from core.http.now import request_now


class _ByRole:
    """Who may do what: `rule` opens it, `deletable` and `addable` say whether that is possible at all."""

    rule: ClassVar[Callable[[Any], bool]] = staticmethod(is_lead)
    read_only: ClassVar[bool] = False
    deletable: ClassVar[bool] = False
    addable: ClassVar[bool] = True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return type(self).rule(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return type(self).rule(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.addable and not self.read_only and type(self).rule(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not self.read_only and type(self).rule(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.deletable and not self.read_only and type(self).rule(request.user)


class RoleModelAdmin(_ByRole, ModelAdmin):
    """An admin page whose doors are roles and whose saves are audited, field by field."""

    list_per_page = 50
    show_full_result_count = False

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._audit(request, obj, "change" if change else "add", _diff(form))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Rows within a page are told of under their parent: which came, went or changed where."""
        super().save_formset(request, form, formset, change)
        rows = {
            "added": [str(row)[:200] for row in formset.new_objects],
            "removed": [str(row)[:200] for row in formset.deleted_objects],
            "changed": [f"{row}: {', '.join(fields)}"[:200] for row, fields in formset.changed_objects],
        }
        found = {verb: names for verb, names in rows.items() if names}
        if found and change:
            detail = {str(formset.model._meta.verbose_name_plural): found}
            self._audit(request, form.instance, "change", detail)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        self._audit(request, obj, "delete", {})
        super().delete_model(request, obj)

    def _audit(self, request: HttpRequest, obj: Model, verb: str, detail: dict[str, Any]) -> None:
        record(
            f"admin.{verb}",
            actor=actor_of(request),
            now=request_now(request),
            subject_kind=obj._meta.model_name or "",
            subject_id=obj.pk,
            subject_name=str(obj),
            detail=detail,
        )


class RoleTabularInline(_ByRole, TabularInline):
    """Rows within a page of the admin, by the same roles. Rows may go: their parent tells of it."""

    extra = 0
    deletable = True


class RoleStackedInline(_ByRole, StackedInline):
    extra = 0
    deletable = True


def _diff(form: Any) -> dict[str, Any]:
    hidden = {"password", "password1", "password2"}
    return {
        name: [str(form.initial.get(name, ""))[:200], str(form.cleaned_data.get(name, ""))[:200]]
        for name in getattr(form, "changed_data", [])
        if name not in hidden
    }
