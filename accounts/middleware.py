"""Everything is behind the door, except what says otherwise."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

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
        if request.headers.get("HX-Request"):
            return _ask_in_place(request)
        if request.method in {"GET", "HEAD"}:
            return redirect_to_login(request.get_full_path())
        # What was posted to can't be opened again; the page that it was posted from can.
        return redirect_to_login(_page(request, "Referer"))


def _ask_in_place(request: HttpRequest) -> HttpResponse:
    """For htmx: a redirect would be followed unseen and the sign-in page taken for the answer.

    401 is no success, so the browser keeps what was typed until its owner is back on the page.
    """
    here = _page(request, "HX-Current-URL" if "HX-Current-URL" in request.headers else "Referer")
    query = QueryDict(mutable=True)
    query["next"] = here
    answer = HttpResponse(status=401)
    answer["HX-Redirect"] = f"{resolve_url(settings.LOGIN_URL)}?{query.urlencode(safe='/')}"
    return answer


def _page(request: HttpRequest, header: str) -> str:
    """Path and query of the page of ours that the header names; "/" where it names none."""
    told = request.headers.get(header, "")
    if not url_has_allowed_host_and_scheme(told, {request.get_host()}):
        return "/"
    parts = urlsplit(told)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return path if url_has_allowed_host_and_scheme(path, None) and path.startswith("/") else "/"
