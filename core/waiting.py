"""What an engine has waiting, as every app says it of its own rows: one truth for `/metrics`, `/readyz`, pages and API."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Min, Model, QuerySet
from django.utils.functional import Promise

# Counting stops here: a storm's backlog must not make looking at it dear.
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of an engine that wait for something else than the others; the counts of `Waiting` don't hold them.

    `rows` is how many there are (at most MOST are counted), the rest is as in `Waiting`.
    """

    name: str
    label: str | Promise
    rows: int = 0
    due: int = 0
    oldest: datetime | None = None
    next_due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The rows of one engine as of an instant.

    `due` are due and not in hand (at most MOST are counted), `oldest` is since when the first of them is due.
    `in_hand` is what a sender holds; None where a claim lasts only as long as a transaction. `stuck` counts
    what does not get on by itself, or only by trying again. `next_due` is the soonest that is still to come. `parts` are
    told besides.
    """

    due: int = 0
    oldest: datetime | None = None
    in_hand: int | None = None
    stuck: int = 0
    next_due: datetime | None = None
    parts: tuple[Part, ...] = ()

    @property
    def late_since(self) -> datetime | None:
        """Since when the oldest due row is due, those of the parts counted in."""
        found = [self.oldest, *(part.oldest for part in self.parts)]
        return min((each for each in found if each is not None), default=None)

    def lag(self, now: datetime) -> timedelta:
        """How late the oldest due row is, those of the parts counted in; never negative, nothing where nothing is due."""
        since = self.late_since
        return max(now - since, timedelta(0)) if since else timedelta(0)


@dataclass(frozen=True, slots=True)
class StuckRow:
    """One row that does not get on: what it is, since when, why, and what a person can do.

    `url` is its page. `verb` is the word on a button that posts to `verb_url`; empty where only looking helps.
    """

    what: str
    why: str
    since: datetime | None = None
    url: str = ""
    verb: str | Promise = ""
    verb_url: str = ""


def due_of(rows: QuerySet[Any], since: str) -> tuple[int, datetime | None]:
    """How many of `rows` are due (at most MOST) and the earliest `since` among them, by an index on it. One query."""
    first = rows.order_by(since).values("pk", since)[:MOST]
    found = first.aggregate(count=Count("pk"), oldest=Min(since))
    return found["count"], found["oldest"]


def count_of(rows: QuerySet[Any]) -> int:
    """How many, at most MOST. One query."""
    return rows.order_by()[:MOST].count()


def oldest_of_turns(model: type[Model], turn: str, since: str, condition: str) -> datetime | None:
    """The earliest `since` among the first rows of each queue, where queues are told apart by the column `turn`.

    One index probe a queue, however long it is: there has to be an index on (turn, id) with that condition, which
    is a part of SQL and never comes from outside. One query.
    """
    turn, since, table = map(connection.ops.quote_name, (turn, since, model._meta.db_table))
    first = f"SELECT {turn} AS turn, {since} AS since FROM {table} WHERE {condition}"  # noqa: S608
    order = f"ORDER BY {turn}, id LIMIT 1"
    queues = f"({first} {order}) UNION ALL SELECT next.turn, next.since FROM queues CROSS JOIN LATERAL "  # noqa: S608
    queues += f"({first} AND {turn} > queues.turn {order}) AS next"
    with connection.cursor() as cursor:
        cursor.execute(f"WITH RECURSIVE queues AS ({queues}) SELECT min(since) FROM queues")  # noqa: S608
        found: datetime | None = cursor.fetchone()[0]
    return found
