"""Rows of a file, put aside in a temporary table and read back incident by incident.

Rows of one incident need not stand together in the file, and a file may be larger than memory: PostgreSQL
sorts. The table belongs to the session, so nothing of it is left behind, whatever happens.
"""

import json
from collections.abc import Generator, Iterator, Sequence
from itertools import groupby
from typing import Any

from django.db import connection, transaction

from integrations.types import Row

_FETCHED = 2_000


class Spool:
    """`with Spool(columns) as spool:` put rows in, then read incidents. One at a time in a session."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        self.incidents = 0
        self._cursor: Any = None
        self._copy: Any = None

    def __enter__(self) -> "Spool":
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS import_spool")
            cursor.execute(
                'CREATE TEMPORARY TABLE import_spool (key text COLLATE "C", line bigint, cells text)'
            )
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            with connection.cursor() as cursor:
                cursor.execute("DROP TABLE IF EXISTS import_spool")

    def fill(self, rows: Iterator[tuple[str, Row]]) -> None:
        """Put rows aside under their incident's key. All or none: what `rows` raises leaves the table empty."""
        with (
            transaction.atomic(),
            connection.cursor() as cursor,
            cursor.copy("COPY import_spool (key, line, cells) FROM STDIN") as copy,
        ):
            for key, row in rows:
                copy.write_row((key, row.line, json.dumps([row.cells[name] for name in self.columns])))
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(DISTINCT key) FROM import_spool")
            self.incidents = cursor.fetchone()[0]

    def read(self) -> Generator[tuple[str, Iterator[Row]], None, None]:
        """Incidents by key in the order in which they first stand in the file, each with its rows in the order
        of the file; to be closed. As with `itertools.groupby`, the rows are gone once the next incident is asked for."""
        with connection.chunked_cursor() as cursor:
            cursor.execute(
                "SELECT key, line, cells FROM (SELECT *, min(line) OVER (PARTITION BY key) AS first FROM import_spool) "
                "AS spool ORDER BY first, line"
            )
            for key, group in groupby(_fetched(cursor), key=lambda row: row[0]):
                yield key, (Row(line, self._cells(cells)) for _key, line, cells in group)

    def _cells(self, cells: str) -> dict[str, str]:
        return dict(zip(self.columns, json.loads(cells), strict=True))


def _fetched(cursor: Any) -> Iterator[Sequence[Any]]:
    while rows := cursor.fetchmany(_FETCHED):
        yield from rows
