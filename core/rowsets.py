"""Many rows in one statement: they travel as one JSON text, so a set costs one round trip and one plan.

Table, columns and clauses are parts of SQL and never come from outside; values are a parameter.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

Row = Mapping[str, Any]


def insert_rows(
    table: str,
    columns: Mapping[str, str],
    rows: Sequence[Row],
    *,
    clause: str = "",
    values: Iterable[Any] = (),
) -> list[tuple[Any, ...]]:
    """Insert `rows` in their order; what `clause` (ON CONFLICT …, RETURNING …, with its `values`) gives back.

    `columns` are names and SQL types; in `clause` the table is called `t`.
    """
    if not rows:
        return []
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS t ({names}) SELECT {names} FROM {_given(columns)} {clause}",  # noqa: S608
            [as_json(rows), *values],
        )
        return list(cursor.fetchall()) if cursor.description else []


def update_rows(
    table: str,
    columns: Mapping[str, str],
    rows: Sequence[Row],
    *,
    change: str,
    where: str,
    values: Iterable[Any] = (),
) -> int:
    """Update the rows of `table` (called `t`) that `where` joins to the given ones (called `given`); how many.

    `values` are those of `change`, which may hold placeholders.
    """
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} AS t SET {change} FROM {_given(columns)} WHERE {where}",  # noqa: S608
            [*values, as_json(rows)],
        )
        return int(cursor.rowcount)


def as_json(rows: Sequence[Row]) -> str:
    """The rows as PostgreSQL reads them; times with their zone."""
    return json.dumps(rows, default=_plain, separators=(",", ":"))


def _given(columns: Mapping[str, str]) -> str:
    shape = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    return f"json_to_recordset(%s::json) AS given ({shape})"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return dict(value)
