"""What the API asks of rules.py."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.api.permissions import ScopedPermission
from notifications import rules


class SupportOnly(BasePermission):
    """The outbox belongs to support; of responders each sees what goes to themselves."""

    message = "The outbox is for the support team."

    def has_permission(self, request: Request, view: Any) -> bool:
        return rules.can_see_outbox(request.user)


SUPPORT = [ScopedPermission, SupportOnly]
