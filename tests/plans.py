"""How PostgreSQL would find what a statement asks for, had its tables a million rows.

The planner reckons with the rows a table is said to have (`reltuples`) and with what ANALYZE has seen in its columns.
So a table of some thousand rows that is said to have a million is planned as one of a million; only its pages are as
few as they are, which makes reading it whole look cheaper than it would be. What is found by an index here is so there
all the more. Whether it is fast is for `bench.pages`, which has a million rows indeed.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

MILLION = 1_000_000


def claim_a_million(tables: Iterable[str], *, times: float | None = None) -> None:
    """Let tables, analysed just now, pass for a million rows each, or for `times` as many as they have.

    Within a transaction, as nobody else shall believe it. Partial indexes keep their size: what waits is few.
    """
    with connection.cursor() as cursor:
        parts = sorted(parts_of(tables))
        for table in parts:  # all of them first: to analyse a table is to analyse its slices too
            cursor.execute(f"ANALYZE {table}")
        for table in parts:
            try:
                with transaction.atomic():
                    cursor.execute(
                        "UPDATE pg_class SET reltuples = CASE WHEN %s::float IS NULL THEN %s ELSE reltuples * %s END "
                        "WHERE oid = %s::regclass",
                        [times, MILLION, times, table],
                    )
            except DatabaseError:
                pytest.skip("Only a superuser of the database can say how many rows a table has.")


def parts_of(tables: Iterable[str]) -> set[str]:
    """These tables, and the partitions of those that have some; an empty one is no trouble to read."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relid::text FROM unnest(%s::text[]) AS asked, pg_partition_tree(asked::regclass) WHERE isleaf "
            "AND pg_relation_size(relid) > 0",
            [list(tables)],
        )
        return {*tables, *(name for (name,) in cursor.fetchall())}


def explained(statement: str) -> dict[str, Any]:
    """The plan of a statement, not executed."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}")
        (found,) = cursor.fetchone()
    plans = json.loads(found) if isinstance(found, str) else found
    return plans[0]["Plan"]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan and everything below it."""
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def read_whole(plan: dict[str, Any], tables: Iterable[str]) -> list[str]:
    """Which of the tables a plan reads from the first to the last row. Whether there is any row at all may be asked."""
    named = parts_of(tables)
    any_rows = [
        below
        for node in nodes(plan)
        if node["Node Type"] == "Limit"
        for below in node["Plans"]
        if "Filter" not in below
    ]
    return [
        node["Relation Name"]
        for node in nodes(plan)
        if node["Node Type"] == "Seq Scan" and node.get("Relation Name") in named and node not in any_rows
    ]


def indexes_of(plan: dict[str, Any]) -> set[str]:
    """The indexes that a plan uses."""
    return {node["Index Name"] for node in nodes(plan) if "Index Name" in node}
