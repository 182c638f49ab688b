"""Failure mode 19: the sweep is switched off because it became too slow: it read what is kept to find what is due.

Each engine's own statements, captured while it ticks, are explained over what passes for a million kept rows (see
tests/plans.py) and some that wait.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core import heartbeat
from core.engines import ENGINES
from incidents.domain import clocks
from incidents.domain import intake as incident_intake
from monitoring.domain import burn
from monitoring.domain import intake as alert_intake
from monitoring.domain.deliveries import receive
from notifications.domain.claims import claim
from notifications.domain.inbox import deliver_rows
from rotas.domain import duty, escalation
from tests import make
from tests.make import NOW
from tests.plans import claim_a_million, explained, indexes_of, read_whole

# Committed and truncated afterwards: what is rolled back would stay as dead rows in the way of other tests.
pytestmark = pytest.mark.django_db(transaction=True)

KEPT, WAITING = 30_000, 100
# Of every table: rows 1 to KEPT are history, those after them are due or wait.
ROWS = f"generate_series(1, {KEPT + WAITING}) AS n"
IS_KEPT = f"n <= {KEPT}"
# What finds due rows, by which index: the rest goes by key.
CLAIM = re.compile(r"FOR (NO KEY )?UPDATE|RECURSIVE|\"next_at\" <=|= 'heartbeat.sent'")
THEN = f"timestamptz '{NOW.isoformat()}'"


@dataclass(frozen=True)
class Case:
    """An engine's big table, how it is filled, what the engine asks, and the index that must answer.

    `beside` are tables that the claim joins and that grow with it: small ones would be looked through first.
    """

    engine: str
    table: str
    index: str
    ask: Callable[[], Any]
    fill: str
    beside: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.engine}: {self.table}"


RAW = f"""INSERT INTO monitoring_rawdelivery (integration_id, received_at, body, headers, delivery_id, state, reason,
    signals, truncated, replays, expires_at)
SELECT n % 20, {THEN}, '\\x7b7d', '{{}}', '', CASE WHEN {IS_KEPT} THEN 'done' ELSE 'received' END, '', 1, 0, 0,
    {THEN} + n * interval '1 second' FROM {ROWS}"""
CHANGES = f"""INSERT INTO monitoring_alertchange (alert_id, kind, at, event_at, detail, handled_at, lane, coalesced)
SELECT n % 50000, 'fired', {THEN}, {THEN}, '', CASE WHEN {IS_KEPT} THEN {THEN} END, n % 40, false FROM {ROWS}"""
CLOCKS = f"""INSERT INTO incidents_clock (incident_id, kind, state, agreement_name, severity, target_seconds,
    warn_percent, pausable, hours, started_at, due_at, pauses, next_at, cycle)
SELECT n, 'resolve', CASE WHEN {IS_KEPT} THEN 'met' ELSE 'running' END, '', 'SEV1', 60, 80, true, '{{}}', {THEN},
    {THEN}, '[]', CASE WHEN {IS_KEPT} THEN NULL ELSE {THEN} END, 1 FROM {ROWS}"""
RUNS = f"""INSERT INTO rotas_escalationrun (subject_kind, subject_id, policy_name, terms, state, step, round, next_at,
    started_at, end_reason)
SELECT 'incident', n, '', '{{}}', CASE WHEN {IS_KEPT} THEN 'stopped' ELSE 'running' END, 0, 0,
    CASE WHEN {IS_KEPT} THEN NULL ELSE {THEN} END, {THEN}, '' FROM {ROWS}"""
MESSAGES = f"""INSERT INTO notifications_message (recipient_id, channel, urgency, kind, subject, body, url, about_kind,
    about_ref, dedup_key, data, state, attempts, next_at, created_at, error, bundle)
SELECT n % 200, CASE WHEN n % 2 = 0 THEN 'in_app' ELSE 'email' END, 'urgent', 'x', '', '', '', 'incident',
    'INC-' || n / 20, 'k:' || n, '{{}}', CASE WHEN {IS_KEPT} THEN 'sent' ELSE 'pending' END, 1,
    CASE WHEN {IS_KEPT} THEN NULL ELSE {THEN} END, {THEN} - n * interval '1 second', '', '' FROM {ROWS}"""
COVER = f"""INSERT INTO rotas_cover (rota_id, starts_at, ends_at, place, why, derived_at, next_at)
SELECT n % 20, {THEN} - n * interval '1 hour', {THEN} - (n - 1) * interval '1 hour', 0, '', {THEN},
    CASE WHEN {IS_KEPT} THEN NULL ELSE {THEN} END FROM {ROWS}"""
BURNS = f"""INSERT INTO services_objectiveburn (objective_id, rung, is_firing, episodes, next_at)
SELECT n, '1h', false, 0, CASE WHEN {IS_KEPT} THEN NULL ELSE {THEN} END FROM {ROWS}"""
# One row an engine, for ever; so many stand for the worst that somebody may do to it.
BEATS = f"""INSERT INTO core_enginetick (name, started_at, finished_at, worked, error)
SELECT 'e' || n, {THEN}, {THEN}, 0, '' FROM generate_series(1, 50000) AS n"""


def _read_posts() -> None:
    receive(make.integration(), b"not json", headers={}, delivery_id="", address=None, now=NOW)
    alert_intake.tick(NOW)


def _claim_changes() -> None:
    make.alert(make.service(), at=NOW)
    incident_intake.tick(NOW)


def _deliver() -> None:
    deliver_rows(NOW, 500)
    claim(NOW, 8)


CASES = [
    Case("intake", "monitoring_rawdelivery", "raw_turn", _read_posts, RAW),
    Case(
        "incidents", "monitoring_alertchange", "change_lane", _claim_changes, CHANGES, ("monitoring_alert",)
    ),
    Case("clocks", "incidents_clock", "clock_due", lambda: clocks.tick(NOW), CLOCKS),
    Case("escalation", "rotas_escalationrun", "run_due", lambda: escalation.tick(NOW), RUNS),
    Case("cover", "rotas_cover", "cover_tells", lambda: duty.tick(NOW), COVER),
    Case("burn", "services_objectiveburn", "burn_due", lambda: burn.tick(NOW), BURNS),
    Case("delivery", "notifications_message", "message_due", _deliver, MESSAGES),
    Case("heartbeat", "core_enginetick", "core_enginetick_", lambda: heartbeat.tick(NOW), BEATS),
]


def captured(table: str, ask: Callable[[], Any]) -> list[str]:
    """The statements that look for something in the table. A read of all of it (the beats) is meant as one."""
    with CaptureQueriesContext(connection) as queries:
        ask()
    about = [each["sql"] for each in queries if re.search(rf"\b{table}\b", each["sql"])]
    return [sql for sql in about if "WHERE" in sql and not sql.startswith("INSERT")]


def fill(insert: str) -> None:
    """All rows in one statement."""
    with transaction.atomic(), connection.cursor() as cursor:
        try:
            with transaction.atomic():
                # what the rows refer to is of no interest here; only a superuser may say so
                cursor.execute("SET LOCAL session_replication_role = replica")
        except DatabaseError:
            pytest.skip("Only a superuser of the database can leave out foreign keys.")
        cursor.execute(insert)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_due_is_found_without_reading_what_is_kept(case: Case, settings):
    settings.MAINSTAY_HEARTBEAT_URL = "http://127.0.0.1:1/"  # a beat is tried, and does not arrive
    asked = captured(case.table, case.ask)
    claims = [sql for sql in asked if CLAIM.search(sql)]
    asked += captured(case.table, lambda: ENGINES[case.engine].waiting(NOW))
    assert claims

    fill(case.fill)
    with transaction.atomic():
        claim_a_million([case.table, *case.beside])
        plans = {sql: explained(sql) for sql in asked}
        transaction.set_rollback(True)

    assert {sql: whole for sql, plan in plans.items() if (whole := read_whole(plan, [case.table]))} == {}
    assert [
        sql for sql in claims if not any(name.startswith(case.index) for name in indexes_of(plans[sql]))
    ] == []
