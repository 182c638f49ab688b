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
        if request.headers.get("HX-Request"):
            return in_place(request, exception)
        return render(request, "core/refusal.html", {"refusal": exception}, status=exception.status)


def in_place(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """The refusal for htmx: a notice where a part of a page was to come; what was posted is refused in a toast."""
    answer = render(request, "core/_refusal.html", {"refusal": refusal}, status=refusal.status)
    if request.method not in {"GET", "HEAD"}:
        answer["HX-Reswap"] = "none"
    return answer
