"""What a token may do at most; what its person may do is asked of rules.py."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.models import ApiToken


class ScopedPermission(BasePermission):
    """Signed in, and the token's scopes cover the method: `read` for safe ones, `write` for the rest.

    A view may name its own by `required_scope`.
    """

    message = "This token's scopes don't cover that. It needs the scope named in the documentation."

    def has_permission(self, request: Request, view: Any) -> bool:
        if not (request.user and request.user.is_authenticated):
            return False
        if not isinstance(request.auth, ApiToken):
            return True
        needed = getattr(view, "required_scope", None) or (
            "read" if request.method in SAFE_METHODS else "write"
        )
        return needed in request.auth.scopes or (needed == "read" and "write" in request.auth.scopes)
