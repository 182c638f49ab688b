"""Everything is behind the door, except what says otherwise."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

OPEN_PREFIXES = (
    "/healthz",
    "/readyz",
    "/metrics",
    "/static/",
    "/api/",
    "/sign-in",
    "/admin/login",
    "/favicon.ico",
)


class SignInRequiredMiddleware:
    """Pages ask for a sign-in by default; a view opens itself with `open_to_all`. The API answers for itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.user.is_authenticated or getattr(view, "open_to_all", False):
            return None
        if request.path.startswith(OPEN_PREFIXES):
            return None
        return redirect_to_login(request.get_full_path())
