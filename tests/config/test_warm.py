"""What a web process does before people ask."""

import logging

import pytest
from django.contrib.sessions.models import Session
from django.core.handlers.wsgi import WSGIHandler
from django.db import DatabaseError, connection
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


def test_a_page_that_fails_keeps_nobody_from_the_next(opened, portal, monkeypatch, caplog):
    make.user("lead")
    monkeypatch.setattr(portal, "get_response", lambda request: 1 / 0)
    with caplog.at_level(logging.ERROR):
        warm.look(portal)
    assert [record.getMessage().split()[0] for record in caplog.records] == list(warm.PAGES)


def test_a_database_that_is_gone_is_no_reason_to_stop(portal, monkeypatch, caplog):
    make.user("lead")

    def gone(*_):
        raise DatabaseError("gone")

    monkeypatch.setattr(warm, "_ask", gone)
    warm.look(portal)
    assert "does not answer" in caplog.text


def test_templates_of_ours_are_compiled_and_those_of_others_left(monkeypatch):
    asked = []
    monkeypatch.setattr(engines["django"].engine, "get_template", asked.append)
    warm.load()
    assert "incidents/board.html" in asked
    assert not [name for name in asked if name.startswith(("rest_framework/", "unfold/"))]
