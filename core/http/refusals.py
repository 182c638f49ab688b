"""Turn a refusal raised in a portal view into a page (or an htmx toast) that says what to do."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.errors import Refused


class RefusalMiddleware:
    """API errors have their own handler; this one is for pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Render `Refused`; let everything else be a 500."""
        if not isinstance(exception, Refused):
            return None
        template = "core/_refusal.html" if request.headers.get("HX-Request") else "core/refusal.html"
        return render(request, template, {"refusal": exception}, status=exception.status)
