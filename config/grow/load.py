"""Writing the history: batches by COPY, each in a transaction of its own, made while the one before is written."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from accounts.models import Team, User
from config.grow.calendar import openings
from config.grow.present import LONG_ALERTS, Opener
from config.grow.tables import TABLES, Batch
from config.grow.world import read_world
from incidents.models import Incident
from monitoring.models import Alert, Integration
from rotas.models import EscalationPolicy, EscalationRun
from services.models import Service

BATCH = 2_500
# Alerts of an incident: mostly one.
_ALERTS = (1, 1, 1, 1, 1, 1, 1, 2, 2, 3)


@dataclass(frozen=True, slots=True)
class Wish:
    """How much: `ended` incidents over `years`, `open` ones, `long` ones, `armed` clocks from `armed_from` on over
    `armed_over`."""

    ended: int
    open: int
    long: int
    armed: int
    years: float
    seed: int
    armed_from: timedelta
    armed_over: timedelta


Make = Callable[[Batch], None]


def grow(wish: Wish, now: datetime, told: Callable[[int], None]) -> int:
    """Write it all; `told` hears of each batch how many incidents it had. Returns how many there are.

    Raises NoWorld where the demo organisation is missing.
    """
    now = now.astimezone(UTC)  # of all zones it is written the fastest
    world = read_world()
    first = now - timedelta(days=round(wish.years * 365))
    world.prepare(range(first.year - 1, now.year + 1))
    maker = Opener(world, random.Random(wish.seed), now, timedelta(days=settings.MAINSTAY_RAW_DAYS))
    total = 0
    with ThreadPoolExecutor(1) as pool:
        plans = _plans(maker, wish, first)
        coming = next(plans, None)
        ahead = pool.submit(_made, coming) if coming else None
        while ahead is not None:
            batch, coming = ahead.result(), next(plans, None)
            ahead = pool.submit(_made, coming) if coming else None
            _write(batch)
            total += batch.incidents
            told(batch.incidents)
    return total


def analyse(*, vacuum: bool) -> None:
    """Tell the planner what is there now; `vacuum` also marks what every transaction sees, for index-only scans."""
    how = "VACUUM (ANALYZE)" if vacuum else "ANALYZE"
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for table in TABLES:
            cursor.execute(f"{how} {table.model._meta.db_table}")
        cursor.execute("RESET statement_timeout")


def _plans(maker: Opener, wish: Wish, first: datetime) -> Iterator[list[Make]]:
    """What each batch has to make. Ids are reserved here, in the thread that may ask the database."""
    now = maker.now
    # With a chance of its own: the batch before is being made in another thread.
    when = openings(random.Random(wish.seed + 1), wish.ended, first, now - timedelta(hours=6))
    alerts_of = random.Random(wish.seed + 2)
    while opened := list(islice(when, BATCH)):
        counts = alerts_of.choices(_ALERTS, k=len(opened))
        pks, runs = reserve(Incident, len(opened)), reserve(EscalationRun, len(opened))
        alerts = iter(reserve(Alert, sum(counts)))
        yield [
            _ended(maker, at, pk, list(islice(alerts, count)), run)
            for at, pk, count, run in zip(opened, pks, counts, runs, strict=True)
        ]
    ago = random.Random(wish.seed + 3)
    for size in _sizes(wish.open):
        pks, links = reserve(Incident, size), reserve(Alert, size)
        yield [
            _open(maker, now - timedelta(hours=1 + ago.betavariate(1, 3) * 330), pk, alert)
            for pk, alert in zip(pks, links, strict=True)
        ]
    for pk in reserve(Incident, wish.long):
        yield [_long(maker, now - timedelta(days=2), pk, reserve(Alert, LONG_ALERTS))]
    armed = 0
    for size in _sizes(wish.armed):
        step = wish.armed_over / wish.armed
        dues = [now + wish.armed_from + step * (armed + n) for n in range(size)]
        armed += size
        yield [_armed(maker, due, pk) for due, pk in zip(dues, reserve(Incident, size), strict=True)]


def _sizes(count: int) -> Iterator[int]:
    while count > 0:
        yield min(count, BATCH)
        count -= BATCH


def _ended(maker: Opener, opened: datetime, pk: int, alerts: list[int], run: int) -> Make:
    return lambda batch: maker.ended(batch, opened, pk, alerts, run)


def _open(maker: Opener, opened: datetime, pk: int, alert: int) -> Make:
    return lambda batch: maker.open(batch, opened, pk, [alert])


def _long(maker: Opener, opened: datetime, pk: int, alerts: list[int]) -> Make:
    return lambda batch: maker.long(batch, opened, pk, alerts)


def _armed(maker: Opener, due: datetime, pk: int) -> Make:
    return lambda batch: maker.armed(batch, due, pk)


def _made(plan: list[Make]) -> Batch:
    batch = Batch()
    for make in plan:
        make(batch)
    return batch


def reserve(model: type[Model], count: int) -> list[int]:
    """So many keys that nobody else will be given."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return sorted(key for (key,) in cursor.fetchall())


@transaction.atomic
def _write(batch: Batch) -> None:
    _hold_what_rows_refer_to()
    with connection.cursor() as cursor:
        for table in TABLES:
            lines = batch.lines.get(table)
            if lines:
                columns = ", ".join(f'"{name}"' for name in table.columns)
                with cursor.copy(f'COPY "{table.model._meta.db_table}" ({columns}) FROM STDIN') as copy:
                    copy.write("".join(lines))


def _hold_what_rows_refer_to() -> None:
    """Lock what exists as foreign keys would, and spare their check of every row, where this role may.

    Each key was read from those tables or is written in the same batch; constraints of any other kind stay.
    """
    parents: list[Any] = [Service, User, Team, Integration, EscalationPolicy]
    with connection.cursor() as cursor:
        for parent in parents:
            cursor.execute(f"SELECT 1 FROM {parent._meta.db_table} FOR KEY SHARE")  # noqa: S608
        try:
            with transaction.atomic():
                cursor.execute("SET LOCAL session_replication_role = replica")
        except DatabaseError:
            return  # only a superuser may: then every row is checked, which takes longer
