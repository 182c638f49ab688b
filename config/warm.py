"""What a process of the web server does before people ask: else the first page of each kind takes a second, and longer where
many ask at once after a restart.

`load` reads the code and the templates, which needs no database. `look` opens the pages as somebody of each role would, so that
what they need is imported and their statements are compiled: in transactions that are rolled back, so that nothing of it stays, not
even a session. (PostgreSQL's own plans of a connection end with them; each connection makes them anew within a few pages.)
"""

import gc
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from io import BytesIO
from threading import Thread
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import Error as DatabaseFailure
from django.db import connection, transaction
from django.template import TemplateSyntaxError, engines
from django.template.utils import get_app_template_dirs
from django.urls import get_resolver, reverse

from accounts.choices import Role
from accounts.models import User
from incidents.queries.visible import incidents_listed_to
from services.queries.visible import services_visible_to

_log = logging.getLogger(__name__)
PAGES = (
    "/", "/incidents/", "/incidents/?view=all", "/alerts/", "/services/", "/me/", "/numbers/", "/search/?q=a",
    "/api/v1/incidents/",
)  # fmt: skip
# Seconds after which no further page is opened, and which one question of a page may take: a database that is slow has others to
# answer.
LONGEST, PATIENCE = 20.0, 3.0


def read_addresses() -> None:
    """Import what the addresses lead to."""
    list(get_resolver().reverse_dict)


def load() -> None:
    """Import what the addresses lead to, and compile the portal's own templates."""
    read_addresses()
    django: Any = engines["django"]
    for folder in get_app_template_dirs("templates"):
        if settings.BASE_DIR in folder.parents and ".venv" not in folder.parts:
            for path in sorted(folder.rglob("*.html")):
                with suppress(TemplateSyntaxError):  # a page that has one says so itself
                    django.engine.get_template(str(path.relative_to(folder)))


def look_soon(portal: WSGIHandler) -> Thread:
    """`look`, while others are served already."""

    def work() -> None:
        try:
            look(portal)
        finally:
            connection.close()
        # What others have in hand at this moment is left out of collections with it, once: little, and it ends with the process.
        gc.collect()
        gc.freeze()

    thread = Thread(target=work, name="warm", daemon=True)
    thread.start()
    return thread


def look(portal: WSGIHandler) -> None:
    """Open what people look at most, once as each role. What goes wrong is logged and keeps nobody from working."""
    since, said = monotonic(), Counter[int]()
    try:
        for person in _one_of_each_role():
            with _bounded():
                addresses = (*PAGES, *_newest(person))
            for address in addresses:
                if monotonic() - since > LONGEST:
                    raise TimeoutError(f"after {LONGEST:.0f} s no more")
                said[_open(portal, person, address)] += 1
    except (DatabaseFailure, TimeoutError) as error:
        _log.warning("Not all pages were opened before people ask: %s", error)
    except Exception:
        _log.exception("Not all pages were opened before people ask.")
    if set(said) - {200}:
        _log.warning("Of the pages opened before people ask, some were not shown: %s", dict(said))


def _one_of_each_role() -> Iterator[Any]:
    people = User.objects.filter(is_active=True).exclude(role=Role.SERVICE)
    yield from list(people.order_by("role", "pk").distinct("role"))


def _newest(person: Any) -> list[str]:
    """The pages of what this person would find first in the lists."""
    incident = incidents_listed_to(person).order_by("-opened_at", "-pk").first()
    service = services_visible_to(person).order_by("name", "pk").first()
    found = []
    if incident is not None:
        found += [reverse(f"incidents:{name}", args=[incident.ref]) for name in ("detail", "rail")]
    if service is not None:
        found.append(reverse("services:detail", args=[service.slug]))
    return found


def _open(portal: WSGIHandler, person: Any, address: str) -> int:
    """The status of a page."""
    with _bounded():
        return _ask(portal, person, address)


@contextmanager
def _bounded() -> Iterator[None]:
    """A transaction of which nothing stays, and in which no question takes long."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{PATIENCE:.0f}s"])
        yield
        transaction.set_rollback(True)


def _ask(portal: WSGIHandler, person: Any, address: str) -> int:
    """The same, as a browser of this person asks for it."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    home, place = urlsplit(settings.MAINSTAY_PUBLIC_URL), urlsplit(address)
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": place.path,
        "QUERY_STRING": place.query,
        "SCRIPT_NAME": "",
        "SERVER_NAME": home.hostname,
        "SERVER_PORT": str(home.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": home.netloc,
        "HTTP_COOKIE": f"{settings.SESSION_COOKIE_NAME}={session.session_key}",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": BytesIO(),
        "wsgi.url_scheme": home.scheme,
    }
    if settings.SECURE_PROXY_SSL_HEADER and home.scheme == "https":
        header, secure = settings.SECURE_PROXY_SSL_HEADER
        environ[header] = secure
    # Without the signals around a request, which would end the transaction with the connection.
    request = WSGIRequest(environ)
    response = portal.get_response(request)
    request.close()
    return int(response.status_code)
