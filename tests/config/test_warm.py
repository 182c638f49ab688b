"""What a web process does before people ask."""

from types import SimpleNamespace

import pytest
from django.contrib.sessions.models import Session
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.template import engines
from django.test.utils import CaptureQueriesContext

from config import warm
from core import clock
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(monkeypatch):
    """What was opened: (role, address, status)."""
    seen, ask = [], warm._ask

    def noted(portal, person, address):
        status = ask(portal, person, address)
        seen.append((person.role, address, status))
        return status

    monkeypatch.setattr(warm, "_ask", noted)
    return seen


@pytest.fixture
def portal():
    return WSGIHandler()


def test_every_role_finds_its_pages_opened_and_nothing_stays(opened, portal):
    bob = make.user("stakeholder")
    service = make.service(client=make.client_(members=(bob,)))
    incident = make.incident(service=service, now=clock.now())
    make.user("responder"), make.user("lead"), make.user("lead"), make.user("service")
    with CaptureQueriesContext(connection) as seen:
        warm.look(portal)
    addresses = [*warm.PAGES, f"/incidents/{incident.ref}/", f"/incidents/{incident.ref}/rail/"]
    addresses.append(f"/services/{service.slug}/")
    assert {role for role, _, _ in opened} == {"stakeholder", "responder", "lead"}
    for role in ("stakeholder", "responder", "lead"):
        assert [(address, status) for of, address, status in opened if of == role] == [
            (address, 200) for address in addresses
        ]
    assert not Session.objects.exists()
    assert sum("ROLLBACK TO SAVEPOINT" in each["sql"] for each in seen) >= len(opened)


def test_an_empty_portal_has_nothing_to_open(opened, portal):
    warm.look(portal)
    assert opened == []


def test_a_page_that_fails_keeps_nobody_from_the_next_and_is_told(opened, portal, monkeypatch, caplog):
    make.user("lead")
    answer = portal.get_response
    monkeypatch.setattr(
        portal,
        "get_response",
        lambda request: HttpResponse(status=500) if request.path == "/me/" else answer(request),
    )
    warm.look(portal)
    assert [address for _, address, _ in opened] == list(warm.PAGES)
    assert "some were not shown: {200: 8, 500: 1}" in caplog.text


def test_a_portal_that_sends_everybody_elsewhere_says_so_once(portal, settings, caplog):
    make.user("lead")
    settings.SECURE_SSL_REDIRECT = True
    portal.load_middleware()
    warm.look(portal)
    assert [record.args for record in caplog.records if record.name == "config.warm"] == [{301: 9}]


def test_behind_a_proxy_that_speaks_tls_the_pages_are_shown(portal, settings, opened):
    make.user("lead")
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.MAINSTAY_PUBLIC_URL = "https://localhost"
    portal.load_middleware()
    warm.look(portal)
    assert {status for _, _, status in opened} == {200}


@pytest.mark.parametrize("error", [OperationalError("gone"), ZeroDivisionError("odd")])
def test_what_goes_wrong_on_the_way_is_logged_and_no_reason_to_stop(portal, monkeypatch, caplog, error):
    make.user("lead")

    def fails(*_):
        raise error

    monkeypatch.setattr(warm, "_ask", fails)
    warm.look(portal)
    assert "Not all pages were opened before people ask" in caplog.text


def test_a_slow_database_is_left_to_others(portal, opened, monkeypatch, caplog):
    make.user("lead")
    monkeypatch.setattr(warm, "LONGEST", -1.0)
    warm.look(portal)
    assert opened == []
    assert "after -1 s no more" in caplog.text


def test_no_question_of_a_page_takes_long(portal, monkeypatch):
    make.user("lead")
    found = set()

    def asked(*_):
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            found.add(cursor.fetchone()[0])
        return 200

    monkeypatch.setattr(warm, "_ask", asked)
    warm.look(portal)
    assert found == {"3s"}


def test_the_thread_gives_its_connection_back(portal, monkeypatch):
    looked, given_back = [], []
    monkeypatch.setattr(warm, "look", looked.append)
    monkeypatch.setattr(warm, "connection", SimpleNamespace(close=lambda: given_back.append(True)))
    warm.look_soon(portal).join(20)
    assert (looked, given_back) == ([portal], [True])


def test_templates_of_ours_are_compiled_and_those_of_others_left(monkeypatch):
    asked = []
    monkeypatch.setattr(engines["django"].engine, "get_template", asked.append)
    warm.load()
    assert "incidents/board.html" in asked
    assert not [name for name in asked if name.startswith(("rest_framework/", "unfold/"))]
