"""Views that say who may enter."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from core.errors import NotAllowed


def open_to_all(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """This page needs no sign-in."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return view


def requires(
    rule: Callable[[Any], bool],
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Only for people the rule lets in; others get a 403 that says so."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not rule(request.user):
                raise NotAllowed("Your role doesn't open this page. Ask a lead if you need it.")
            return view(request, *args, **kwargs)

        return guarded

    return decorate
