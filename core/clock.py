"""The one place that reads the time.

Time comes from the database, so that every process agrees whatever its own clock says. A journey
may shift it forward (`MAINSTAY_TEST_CLOCK`); all processes read the same shift.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

_PLAIN = "clock_timestamp()"
_SHIFTED = "(clock_timestamp() + COALESCE((SELECT shift FROM core_clockshift WHERE id = 1), interval '0'))"


def now() -> datetime:
    """The instant, aware, in UTC, by the database's clock.

    `clock_timestamp()` moves on within a transaction; SQL's own `now()` would stand still.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {in_sql()}")
        row = cursor.fetchone()
    moment: datetime = row[0]
    return moment


def in_sql() -> str:
    """The same instant as an expression, for a statement that can't afford to ask for it first."""
    return _SHIFTED if settings.MAINSTAY_TEST_CLOCK else _PLAIN


def shift_by(delta: timedelta) -> None:
    """Move time forward for every process. Only where `MAINSTAY_TEST_CLOCK` allows it.

    Raises RuntimeError elsewhere: a portal on duty never bends time.
    """
    if not settings.MAINSTAY_TEST_CLOCK:
        raise RuntimeError("The clock can be shifted only with MAINSTAY_TEST_CLOCK=1.")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_clockshift (id, shift) VALUES (1, %s) "
            "ON CONFLICT (id) DO UPDATE SET shift = core_clockshift.shift + EXCLUDED.shift",
            [f"{delta.total_seconds()} seconds"],
        )
