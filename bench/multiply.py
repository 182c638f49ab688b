"""From a hundred thousand incidents to a million in minutes: what has ended is told again, whole weeks earlier.

For pages at size only. `manage.py grow` computes each due time by its calendar; here it is moved with the rest, so a few
of them disagree with a holiday or a change to summer time. Titles come again, which a search feels as it would feel
ten times as many incidents of the same services.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db import connection, models, transaction
from django.db.models import Max

from config.grow import tables as t
from config.grow.tables import TABLES, Table
from incidents.choices import OPEN_STATES
from incidents.models import Incident
from monitoring.models import Alert
from rotas.models import EscalationRun

WEEK = timedelta(weeks=1)
WRITERS = 2
# Which of the three kinds of rows with known keys a column refers to.
_KEYED: dict[Table, str] = {t.INCIDENTS: "incident", t.ALERTS: "alert", t.RUNS: "run"}
_REFERS = {"incident_id": "incident", "alert_id": "alert", "run_id": "run", "subject_id": "incident"}
_PAUSES = """CASE WHEN old.pauses = '[]' THEN old.pauses ELSE (SELECT jsonb_agg(jsonb_build_array(
    to_jsonb((one->>0)::timestamptz - %(shift)s::interval), to_jsonb((one->>1)::timestamptz - %(shift)s::interval)))
    FROM jsonb_array_elements(old.pauses) AS one) END"""
_SEARCH = """replace(old.search::text, quote_literal(incident.old::text) || ':2',
    quote_literal(incident.new::text) || ':2')::tsvector"""


def multiply(wanted: int, told: Callable[[str], None], *, kept: bool = False) -> None:
    """Repeat ended incidents that alerts of `grow` began, or nobody, until there are `wanted`; `told` hears how far it is."""
    ended = list(Incident.objects.exclude(state__in=OPEN_STATES).order_by("pk").values_list("pk", flat=True))
    have, weeks = Incident.objects.count(), 0
    lasts = {table: table.model._default_manager.aggregate(last=Max("pk"))["last"] or 0 for table in TABLES}
    plan = []
    while have < wanted and ended:
        weeks += 1
        plan.append((ended[: wanted - have], weeks * WEEK, lasts))
        have += len(plan[-1][0])
    with _without_indexes(told, kept=kept), ThreadPoolExecutor(WRITERS) as pool:
        for place, _done in enumerate(pool.map(_by_itself, plan), 1):
            told(f"told again {place} of {len(plan)} times")


def _by_itself(part: tuple[list[int], timedelta, dict[Table, int]]) -> None:
    """One week's shift in a connection of its own."""
    try:
        _again(*part)
    finally:
        connection.close()


@contextmanager
def _without_indexes(told: Callable[[str], None], *, kept: bool) -> Iterator[None]:
    """The tables without what only serves to find rows: it is made anew at the end, which takes a fifth of keeping it up to date.
    What keeps rows unique stays. Whoever gives up does not wait for that, unless the database is `kept`."""
    names = [table.model._meta.db_table for table in TABLES]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
            "WHERE indrelid::regclass::text = ANY(%s) AND NOT indisunique AND NOT indisexclusion AND indisvalid",
            [names],
        )
        dropped = cursor.fetchall()
        for name, _definition in dropped:
            cursor.execute(f"DROP INDEX {name}")
    given_up = False
    try:
        yield
    except KeyboardInterrupt:
        given_up = not kept
        raise
    finally:
        with connection.cursor() as cursor:
            dropped = [] if given_up else dropped
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("SET maintenance_work_mem = '1GB'")
            for place, (_name, definition) in enumerate(dropped, 1):
                cursor.execute(definition)
                if place % 10 == 0 or place == len(dropped):
                    told(f"{place} of {len(dropped)} indexes")
            cursor.execute("RESET maintenance_work_mem")
            cursor.execute("RESET statement_timeout")


@transaction.atomic
def _again(incidents: list[int], shift: timedelta, lasts: dict[Table, int]) -> None:
    """Tell these again so much earlier; of each table only rows up to its last one are looked at, the rest is told again itself."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL work_mem = '256MB'")
        _number(
            cursor, "incident", Incident, "SELECT unnest(%(incidents)s::bigint[])", {"incidents": incidents}
        )
        _number(
            cursor,
            "alert",
            Alert,
            "SELECT DISTINCT alert_id FROM incidents_incidentalert JOIN incident ON incident.old = incident_id",
        )
        _number(
            cursor,
            "run",
            EscalationRun,
            "SELECT id FROM rotas_escalationrun JOIN incident ON incident.old = subject_id WHERE subject_kind = 'incident'",
        )
        for table in TABLES:
            if table is not t.OCCURRENCES:  # kept for a month only
                cursor.execute(_copy(table), {"shift": str(shift), "last": lasts[table]})


def _number(
    cursor: Any, name: str, model: type[models.Model], query: str, values: dict[str, Any] | None = None
) -> None:
    """A temporary table of old keys and the new ones that stand for them."""
    sequence = f"pg_get_serial_sequence('{model._meta.db_table}', 'id')"
    cursor.execute(
        f"CREATE TEMP TABLE {name} ON COMMIT DROP AS SELECT old, nextval({sequence}) AS new FROM ({query}) AS q (old)",
        values or {},
    )
    cursor.execute(f"ANALYZE {name}")


def _copy(table: Table) -> str:
    """The statement that writes a table's rows anew."""
    own = _KEYED.get(table)
    joins: dict[str, str] = {own: "id"} if own else {}
    columns = {}
    for field in table.model._meta.concrete_fields:
        column = str(field.column)
        if isinstance(field, models.GeneratedField) or (field.primary_key and not own):
            continue
        if field.primary_key:
            columns[column] = f"{own}.new"
        elif column in _REFERS:
            joins[_REFERS[column]] = column
            columns[column] = f"{_REFERS[column]}.new"
        elif isinstance(field, models.DateTimeField):
            columns[column] = f"old.{column} - %(shift)s::interval"
        elif isinstance(field, SearchVectorField):
            columns[column] = _SEARCH
        elif column == "pauses":
            columns[column] = _PAUSES
        elif table is t.ALERTS and column == "identity":
            columns[column] = "'grow-' || alert.new"
        else:
            columns[column] = f'old."{column}"'
    joined = " ".join(f"JOIN {name} ON {name}.old = old.{column}" for name, column in joins.items())
    only = " AND old.subject_kind = 'incident'" if table is t.RUNS else ""
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f"INSERT INTO {table.model._meta.db_table} ({names}) "
        f"SELECT {', '.join(columns.values())} FROM {table.model._meta.db_table} AS old {joined} "
        f"WHERE old.{table.model._meta.pk.column} <= %(last)s{only}"
    )
