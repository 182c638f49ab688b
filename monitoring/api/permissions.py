"""What the API asks of rules.py."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.api.permissions import ScopedPermission
from monitoring import rules


class LeadsOnly(BasePermission):
    """Integrations and raw posts belong to leads."""

    message = "Integrations and raw posts are for leads and administrators."

    def has_permission(self, request: Request, view: Any) -> bool:
        return rules.can_run_intake(request.user)


LEADS = [ScopedPermission, LeadsOnly]
