"""The short way for posts of machines: past middleware and routing, which have nothing to say to them.

What is answered is what `monitoring.api.intake` answers, word for word. Whatever is out of the ordinary (another
method, a host that isn't ours, plain HTTP where TLS is asked for) goes the long way, through the whole house.
"""

import json
import re
import threading
from collections.abc import Callable, Iterable
from functools import lru_cache
from http.client import responses
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import DEFAULT_DB_ALIAS, connections
from django.http.request import split_domain_port, validate_host

from monitoring.api.intake import answer
from monitoring.domain.door import last_asked

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
_PATH = re.compile(r"/api/v1/intake/([-a-zA-Z0-9_]+)/([^/]+)/", re.ASCII)
# A connection that rested for longer is looked at before it is used, so that a restarted server costs no post.
_RESTED = 1.0
_threads = threading.local()


def with_short_way(application: Application) -> Application:
    """`application` with the short way in front of it."""

    def serve(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST" and not environ.get("SCRIPT_NAME"):
            place = _PATH.fullmatch(environ["PATH_INFO"])
            if place and environ["PATH_INFO"].isascii():
                request = WSGIRequest(environ)
                if _is_ordinary(request):
                    return _serve(request, place[1], place[2], start_response)
        return application(environ, start_response)

    return serve


def _is_ordinary(request: WSGIRequest) -> bool:
    safe = not settings.SECURE_SSL_REDIRECT or request.is_secure()
    return safe and _is_ours(request.META.get("HTTP_HOST", ""), tuple(settings.ALLOWED_HOSTS))


@lru_cache(maxsize=64)
def _is_ours(host: str, allowed: tuple[str, ...]) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, allowed)


def _serve(
    request: WSGIRequest, source: str, key: str, start_response: Callable[..., Any]
) -> Iterable[bytes]:
    keeper = _keeper()
    keeper.look()
    given = answer(request, source, key)
    body = json.dumps(given.said, ensure_ascii=False, separators=(",", ":")).encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("X-Content-Type-Options", "nosniff"),
        *given.headers.items(),
    ]
    start_response(f"{given.status} {responses[given.status]}", headers)
    return [body]


class _Keeper:
    """Keeps a thread's connection between posts, and gives it back to the pool when the thread ends."""

    def __init__(self) -> None:
        self.connection = connections[DEFAULT_DB_ALIAS]

    def look(self) -> None:
        """One that failed, or rested, goes back to the pool, which looks at it before it is used again."""
        kept = self.connection
        if kept.connection is None or kept.in_atomic_block:
            return
        if kept.errors_occurred or monotonic() - last_asked() > _RESTED:
            kept.close()

    def __del__(self) -> None:
        if self.connection.connection is not None and not self.connection.in_atomic_block:
            self.connection.close()


def _keeper() -> _Keeper:
    found: _Keeper | None = getattr(_threads, "keeper", None)
    if found is None:
        found = _threads.keeper = _Keeper()
    return found
