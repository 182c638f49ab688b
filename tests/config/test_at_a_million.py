"""Nothing on the desk slows as history grows: at a million incidents no page, list, probe or tick reads it whole.

A small history of the demo passes for one of a million incidents (tests/plans.py). Every statement of every page is
explained over it: none reads a big table from end to end, and none is planned to cost more than a page may take.
"""

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from config.grow.tables import OCCURRENCES, TABLES
from core import clock
from core.engines import ENGINES
from core.pagination import cursor_after
from incidents.domain import blind, clocks, storms
from incidents.domain import intake as incident_intake
from incidents.models import Incident
from incidents.queries.lists import NEWEST_FIRST
from monitoring.models import Alert
from monitoring.queries.alerts import NEWEST_FIRST as ALERTS_FIRST
from notifications.domain import delivery
from rotas.domain import escalation
from tests.config.test_every_list import LISTS
from tests.plans import MILLION, claim_a_million, explained, indexes_of, read_whole

pytestmark = pytest.mark.django_db
# Readings expire after weeks, so they do not grow with the history.
BIG = [table.model._meta.db_table for table in TABLES if table is not OCCURRENCES]
GROWN, OPEN = 1_500, 8
# In the planner's units; to read a million rows one by one costs ten thousand at the very least.
DEAR = 9_000
FILTERS = [
    "",
    "view=all",
    "view=mine",
    "view=nobodys",
    "view=due",
    "view=resolved",
    "view=all&severity=SEV1",
    "view=all&state=cancelled",
    "view=all&state=new&state=mitigated",
    "view=all&source=import",
    "view=all&service=fraud-scorer",
    "view=all&service=price-elasticity",
    "view=all&client=lumen-bank",
    "view=all&owner=lead@demo.mainstay",
    "view=all&owner=none",
    "view=all&opened_after=2026-01-01T00:00:00Z&opened_before=2026-02-01T00:00:00Z",
    "view=all&acknowledged=false",
    "view=all&promise=resolve-broken",
    "view=all&search=fraud",
    "view=all&search=zzznothing",
    "view=all&search=late&severity=SEV2&client=harvest-foods",
]
PAGES = [
    "accounts:me",
    "reporting:engines",
    "notifications:inbox",
    "notifications:outbox",
    "accounts:audit",
    "rotas:list",
    "runbooks:list",
    "services:list",
    "monitoring:parked",
    "monitoring:integrations",
    "readyz",
    "metrics",
]
ALERT_FILTERS = [
    "",
    "view=all",
    "view=unrouted",
    "view=resolved",
    "view=all&service=fraud-scorer",
    "view=all&severity=critical",
    "view=all&source=generic",
    "view=all&search=fraud",
    "view=all&search=zzznothing",
    "view=all&search=alertname%3DNothing",
]


@pytest.fixture(scope="module")
def desk(django_db_setup, django_db_blocker) -> Iterator[Client]:
    """The lead's browser on a desk that passes for one with a million incidents; rolled back after the last test."""
    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        try:
            call_command("demo", "--force", stdout=StringIO())
            call_command("grow", str(GROWN), "--open", str(OPEN), "--long", "0", "--force", stdout=StringIO())
            claim_a_million(BIG, times=MILLION / Incident.objects.count())
            browser = Client()
            browser.force_login(User.objects.get(email="lead@demo.mainstay"))
            yield browser
        finally:
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)


def statements(ask) -> list[str]:
    with CaptureQueriesContext(connection) as seen:
        ask()
    return [
        each["sql"]
        for each in seen
        if each["sql"].lstrip("(").startswith(("SELECT", "WITH", "UPDATE", "DELETE"))
    ]


def slow(ask) -> list[str]:
    """Statements that read history whole, or would take too long, each with what is wrong with it."""
    found = []
    for sql in statements(ask):
        plan = explained(sql)
        whole = read_whole(plan, BIG)
        if whole or plan["Total Cost"] > DEAR:
            found.append(f"{whole or round(plan['Total Cost'])}: {sql}")
    return found


def get(desk: Client, url: str):
    return lambda: desk.get(url)


def test_the_history_passes_for_a_million(desk):
    plan = explained("SELECT * FROM incidents_incident WHERE title > ''")

    assert 0.95 * MILLION < plan["Plan Rows"] < 1.05 * MILLION


def test_a_statement_that_reads_history_whole_is_noticed(desk):
    by_title = Incident.objects.filter(title__contains="x")

    assert len(slow(lambda: list(by_title))) == 1
    assert slow(lambda: by_title.filter(pk=1).exists()) == []


@pytest.mark.parametrize("query", FILTERS)
def test_the_board(desk, query):
    assert slow(get(desk, f"/incidents/?{query}")) == []


@pytest.mark.parametrize("name", PAGES)
def test_pages_and_probes(desk, name):
    assert slow(get(desk, reverse(name))) == []


@pytest.mark.parametrize("query", ALERT_FILTERS)
def test_alerts(desk, query):
    assert slow(get(desk, f"/alerts/?{query}")) == []


@pytest.mark.parametrize("row", LISTS, ids=str)
def test_lists_of_the_api(desk, row):
    assert slow(get(desk, reverse(row.name))) == []


def test_deep_pages(desk):
    incident, alert = (
        Incident.objects.order_by(*NEWEST_FIRST)[GROWN // 2],
        Alert.objects.order_by(*ALERTS_FIRST)[500],
    )
    at, alert_at = cursor_after(incident, NEWEST_FIRST), cursor_after(alert, ALERTS_FIRST)

    assert slow(get(desk, f"/incidents/?view=all&cursor={at}")) == []
    assert slow(get(desk, f"/api/v1/incidents/?cursor={at}")) == []
    assert slow(get(desk, f"/alerts/?view=all&cursor={alert_at}")) == []


@pytest.mark.parametrize("state", ["closed", "investigating", "cancelled", "new"])
def test_an_incident(desk, state):
    incident = Incident.objects.filter(state=state).latest("opened_at")
    url = f"/incidents/{incident.ref}/"

    for part in (
        url,
        f"{url}spine/",
        f"{url}rail/",
        f"{url}told/",
        f"/api/v1{url}",
        f"/api/v1{url}timeline/",
    ):
        assert slow(get(desk, part)) == [], part


def test_an_alert_and_its_readings(desk):
    alert = Alert.objects.latest("last_seen_at")

    for url in (
        f"/alerts/{alert.pk}/",
        f"/incidents/for-alert/{alert.pk}/",
        f"/api/v1/alerts/{alert.pk}/occurrences/",
    ):
        assert slow(get(desk, url)) == [], url


def test_a_service_and_its_panels(desk):
    for url in (
        "/services/fraud-scorer/",
        "/incidents/for-service/fraud-scorer/",
        "/alerts/for/fraud-scorer/",
    ):
        assert slow(get(desk, url)) == [], url


@pytest.mark.parametrize("q", ["fraud", "zzznothing", "INC-1042", "forecast late"])
def test_search(desk, q):
    assert slow(get(desk, f"/search/?q={q}")) == []
    assert slow(get(desk, f"/palette/?q={q}")) == []


def test_what_a_client_sees(desk):
    theirs = Client()
    theirs.force_login(User.objects.get(email="client@demo.mainstay"))

    for url in (
        "/incidents/",
        "/incidents/?view=all",
        "/incidents/?view=all&search=fraud",
        "/alerts/?view=all",
        "/api/v1/incidents/",
    ):
        assert slow(get(theirs, url)) == [], url


TICKS = {
    "clocks": clocks.tick,
    "incidents": incident_intake.tick,
    "storms": storms.tick,
    "blind": blind.tick,
    "escalation": escalation.tick,
    "delivery": delivery.tick,
}


@pytest.mark.parametrize("name", TICKS)
def test_ticks(desk, name):
    now = clock.now()

    assert slow(lambda: TICKS[name](now)) == []


@pytest.mark.parametrize("name", sorted(ENGINES))
def test_what_engines_have_waiting(desk, name):
    engine, now = ENGINES[name], clock.now()

    assert slow(lambda: engine.waiting(now) if engine.waiting else None) == []
    assert slow(lambda: engine.stuck_rows(now, 10) if engine.stuck_rows else None) == []


def test_the_board_is_answered_by_its_own_indexes(desk):
    asked = {
        query: statements(get(desk, f"/incidents/?{query}"))
        for query in ("", "view=all", "view=all&state=cancelled")
    }
    used = {
        query: {name for sql in sqls for name in indexes_of(explained(sql))} for query, sqls in asked.items()
    }

    assert used[""] & {"incident_open", "incident_open_due"}
    assert "incident_newest" in used["view=all"]
    assert "incident_by_state" in used["view=all&state=cancelled"]
