"""Leaves in slices of time: a table partitioned by range, so that what has served its time goes whole.

Dropping a slice costs the same whether it holds ten rows or ten million, and leaves no dead rows behind.
A row whose slice isn't there yet lands in the table's rest (its default partition): nothing is ever refused
for want of a slice, and the rest is emptied into the slices as they are made. Where it has filled up while nobody
made any (housekeeping stood still for weeks), its rows stay there until their time is over.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from psycopg import sql

# A Monday: slices of whole weeks begin on Mondays, 00:00 UTC.
_EPOCH = datetime(2001, 1, 1, tzinfo=UTC)
_BOUNDS = re.compile(r"FROM \('([^']+)'\) TO \('([^']+)'\)")
# Making or dropping a slice needs the table for a moment; rather than make others queue behind us, we try later.
_PATIENCE = "500ms"
CHUNK = 5_000
# More than this in the rest is not moved into a new slice, while everybody who writes would wait: it goes by and by.
MOVED_ROWS, MOVED_BYTES = 20_000, 256_000_000


@dataclass(frozen=True, slots=True)
class Sliced:
    """A table in slices `days` wide by the instant in `key`; `keep` is a condition (SQL) of rows that stay.

    Table, key and condition are parts of SQL and never come from outside.
    """

    table: str
    key: str
    days: int
    keep: str = "false"


@dataclass(frozen=True, slots=True, order=True)
class Slice:
    """One slice, half-open: rows with `starts_at` <= key < `ends_at`."""

    starts_at: datetime
    ends_at: datetime
    name: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """What of a sliced table there should be: room until `ahead`, nothing from before `before` (None: all stays)."""

    sliced: Sliced
    ahead: datetime
    before: datetime | None


@dataclass(frozen=True, slots=True)
class Load:
    """What a slice holds: rows (an estimate of the planner's) and bytes on disk with indexes."""

    rows: int
    size: int


def slices_between(sliced: Sliced, since: datetime, until: datetime) -> list[Slice]:
    """The slices that hold every instant from `since` to `until`, both included. Pure."""
    width = timedelta(days=sliced.days)
    start = _EPOCH + (since - _EPOCH) // width * width
    found = []
    while start <= until:
        found.append(Slice(start, start + width, f"{sliced.table}_{start:%Y%m%d}"))
        start += width
    return found


def existing(sliced: Sliced) -> list[Slice]:
    """The slices that there are, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT child.relname, pg_get_expr(child.relpartbound, child.oid) FROM pg_inherits "
            "JOIN pg_class child ON child.oid = inhrelid WHERE inhparent = %s::regclass",
            [sliced.table],
        )
        rows = cursor.fetchall()
    found = []
    for name, bound in rows:
        ends = _BOUNDS.search(bound)
        if ends:
            found.append(Slice(_instant(ends[1]), _instant(ends[2]), name))
    return sorted(found)


def ensure(sliced: Sliced, since: datetime, until: datetime) -> int:
    """Make the slices missing for `since` to `until`; how many were made.

    Rows that waited in the rest move into theirs; where they are too many for that, it isn't made. Raises
    OperationalError when the table is too busy.
    """
    there = existing(sliced)
    missing = [
        new
        for new in slices_between(sliced, since, until)
        if not any(old.starts_at < new.ends_at and new.starts_at < old.ends_at for old in there)
    ]
    return sum(_make(sliced, new) for new in missing)


def keep_up(span: Span, now: datetime) -> int:
    """Make room ahead, drop the slices whose time is over, empty the rest; how many slices and rows went.

    Bounded: call it until it returns 0. Raises OperationalError when the table is too busy to make room; then what has
    ended went all the same.
    """
    try:
        ensure(span.sliced, now, span.ahead)
    finally:
        gone = _let_go(span.sliced, span.before) if span.before else 0
    return gone


def _let_go(sliced: Sliced, before: datetime) -> int:
    old = ended(sliced, before)
    for each in old:
        drop(sliced, each)
    return len(old) + _empty_rest(sliced, before)


def overdue_in_rest(span: Span) -> int:
    """How many rows outside every slice have served their time."""
    if span.before is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            _sql(
                "SELECT count(*) FROM {} WHERE {old}",
                f"{span.sliced.table}_rest",
                old=_old(span.sliced, span.before),
            )
        )
        return int(cursor.fetchone()[0])


def ended(sliced: Sliced, before: datetime) -> list[Slice]:
    """Slices that ended by `before`, oldest first."""
    return [old for old in existing(sliced) if old.ends_at <= before]


def drop(sliced: Sliced, old: Slice) -> None:
    """Drop one slice; the rows in it that stay move into the rest.

    Raises OperationalError when the table is too busy.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        _begin(cursor, sliced)
        if all(each.name != old.name for each in existing(sliced)):
            return  # somebody else was quicker
        # The table before its slice, as every query takes them: nobody waits for us in a ring.
        for table in (sliced.table, old.name):
            cursor.execute(_sql("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", table))
        cursor.execute(_sql("ALTER TABLE {} DETACH PARTITION {}", sliced.table, old.name))
        cursor.execute(
            _sql(
                "INSERT INTO {} SELECT * FROM {} WHERE {keep}",
                sliced.table,
                old.name,
                keep=sql.SQL(sliced.keep),
            )
        )
        cursor.execute(_sql("DROP TABLE {}", old.name))


def load_of(names: Iterable[str]) -> Load:
    """What these slices (or tables) hold together."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(greatest(reltuples, 0)), 0)::bigint, "
            "coalesce(sum(pg_total_relation_size(oid)), 0)::bigint "
            "FROM pg_class WHERE oid = ANY (SELECT name::regclass FROM unnest(%s::text[]) AS name)",
            [list(names)],
        )
        return Load(*cursor.fetchone())


def partition(sliced: Sliced) -> None:
    """Turn a plain table into one in slices, with its rows, in the caller's transaction. For migrations.

    Its primary key becomes (id, `key`). Unique indexes without `key` can't go along: remove them before.
    """
    table, key, whole, quote = sliced.table, sliced.key, f"{sliced.table}_whole", connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            _sql(
                "SELECT min({key}), max({key}), coalesce(max(id), 0) FROM {}", table, key=sql.Identifier(key)
            )
        )
        oldest, newest, last = cursor.fetchone()
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = %s "
            "AND indexdef NOT LIKE 'CREATE UNIQUE %%' ORDER BY indexname",
            [table],
        )
        indexes = [definition for (definition,) in cursor.fetchall()]
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])
        last = max(last, cursor.fetchone()[0])
        cursor.execute(f"ALTER TABLE {quote(table)} RENAME TO {quote(whole)}")
        cursor.execute(
            f"CREATE TABLE {quote(table)} (LIKE {quote(whole)} INCLUDING DEFAULTS INCLUDING CONSTRAINTS "
            f"INCLUDING STORAGE) PARTITION BY RANGE ({quote(key)})"
        )
        cursor.execute(f"CREATE TABLE {quote(table + '_rest')} PARTITION OF {quote(table)} DEFAULT")
        if oldest is not None:
            ensure(sliced, oldest, newest)
            cursor.execute(f"INSERT INTO {quote(table)} SELECT * FROM {quote(whole)}")  # noqa: S608
        cursor.execute(f"DROP TABLE {quote(whole)}")
        cursor.execute(f"CREATE SEQUENCE {quote(table + '_id_seq')} OWNED BY {quote(table)}.id")
        cursor.execute("SELECT setval(%s, %s)", [f"{table}_id_seq", last])
        cursor.execute(
            f"ALTER TABLE {quote(table)} ALTER COLUMN id SET DEFAULT nextval('{table}_id_seq'), "
            f"ADD CONSTRAINT {quote(table + '_pkey')} PRIMARY KEY (id, {quote(key)})"
        )
        for definition in indexes:
            cursor.execute(definition)
        _name_indexes(cursor, table)


def _make(sliced: Sliced, new: Slice) -> bool:
    """Make one slice, unless somebody has, or too much would have to move into it; whether it was made."""
    rest = f"{sliced.table}_rest"
    bounds = {
        "key": sql.Identifier(sliced.key),
        "start": sql.Literal(new.starts_at),
        "end": sql.Literal(new.ends_at),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        _begin(cursor, sliced)
        if any(old.name == new.name for old in existing(sliced)) or _holds_much(cursor, rest, bounds):
            return False
        cursor.execute(
            _sql(
                "CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)",
                new.name,
                sliced.table,
            )
        )
        cursor.execute(_sql("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", rest))
        cursor.execute(
            _sql(
                "WITH moved AS (DELETE FROM {} WHERE {key} >= {start} AND {key} < {end} RETURNING *) "
                "INSERT INTO {} SELECT * FROM moved",
                rest,
                new.name,
                **bounds,
            )
        )
        cursor.execute(
            _sql(
                "ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ({start}) TO ({end})",
                sliced.table,
                new.name,
                **bounds,
            )
        )
        _name_indexes(cursor, sliced.table)
    return True


def _holds_much(cursor: Any, rest: str, bounds: dict[str, sql.Composable]) -> bool:
    """Whether more rows of a slice wait in the rest than can be moved in a moment."""
    cursor.execute(
        _sql(
            "SELECT count(*), pg_total_relation_size({name}::regclass) FROM (SELECT 1 FROM {} "
            "WHERE {key} >= {start} AND {key} < {end} LIMIT {most}) AS found",
            rest,
            name=sql.Literal(rest),
            most=sql.Literal(MOVED_ROWS + 1),
            **bounds,
        )
    )
    rows, size = cursor.fetchone()
    return bool(rows > MOVED_ROWS or (rows > 0 and size > MOVED_BYTES))


def _name_indexes(cursor: Any, table: str) -> None:
    """A slice's index is called after the table's, so that plans and errors can be read: raw_turn_20261123."""
    cursor.execute(
        "SELECT child.relname, parent.relname || substr(slice.relname, length(%s) + 1) "
        "FROM pg_index JOIN pg_inherits ON inhparent = pg_index.indexrelid "
        "JOIN pg_class parent ON parent.oid = pg_index.indexrelid JOIN pg_class child ON child.oid = inhrelid "
        "JOIN pg_index own ON own.indexrelid = child.oid JOIN pg_class slice ON slice.oid = own.indrelid "
        "WHERE pg_index.indrelid = %s::regclass",
        [table, table],
    )
    for now, wanted in cursor.fetchall():
        if now != wanted:
            cursor.execute(_sql("ALTER INDEX {} RENAME TO {}", now, wanted))


def _begin(cursor: Any, sliced: Sliced) -> None:
    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_PATIENCE])
    # One at a time: two workers would both make the same slice.
    cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"slices of {sliced.table}"])


def _empty_rest(sliced: Sliced, before: datetime) -> int:
    rest = f"{sliced.table}_rest"
    with connection.cursor() as cursor:
        cursor.execute(
            _sql(
                "DELETE FROM {} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {} WHERE {old} LIMIT {limit}))",
                rest,
                rest,
                old=_old(sliced, before),
                limit=sql.Literal(CHUNK),
            )
        )
        return int(cursor.rowcount)


def _old(sliced: Sliced, before: datetime) -> sql.Composed:
    return sql.SQL("{key} < {before} AND NOT ({keep})").format(
        key=sql.Identifier(sliced.key), before=sql.Literal(before), keep=sql.SQL(sliced.keep)
    )


def _sql(words: str, *names: str, **parts: sql.Composable) -> sql.Composed:
    return sql.SQL(words).format(*map(sql.Identifier, names), **parts)


def _instant(text: str) -> datetime:
    """PostgreSQL says +00 where Python's parser of old wants +00:00."""
    return datetime.fromisoformat(re.sub(r"([+-]\d\d)$", r"\1:00", text)).astimezone(UTC)
