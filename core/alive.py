"""Who is still alive: a process that holds work outside a transaction is known to the database by a lock.

A lease alone makes work wait after a kill for as long as the lease is. So beside it stands the number of the process that
has the work in hand, which holds an advisory lock of that number on a connection of its own. The server gives the lock
back the moment the process ends, however it ends; what it left is that whose number is not among `LIVING`.

The connection can break while its process lives (the server was started again). Then work in hand may be taken over
although its process still has it: the same work is done twice, under its own key, as after a lease that ran out. Behind
a pooler that lends connections by the transaction the lock may outlive the process: then the lease decides.
"""

import os
import secrets
import threading
from dataclasses import dataclass

import psycopg
from django.db import connection

# Its own class among the two-number advisory locks: "al".
LOCK_CLASS = 24940
# The numbers of those that live, as a subquery.
LIVING = """SELECT objid::int8 FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 24940 AND objsubid = 2
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


@dataclass(slots=True)
class _Sign:
    """One process's sign of life: its number, and the connection that holds the lock of it."""

    process: int
    database: str
    number: int
    link: psycopg.Connection | None = None


_guard = threading.Lock()
# After a fork the connection is the parent's. Were it forgotten here, it would be ended for the parent too.
_left_alone: list[_Sign] = []
_sign: _Sign | None = None


def number() -> int:
    """The number of this process; when this returns the database knows it to be alive.

    The same until the process ends, also after its connection broke. One round trip. Raises django.db.OperationalError
    where the database can't be reached.
    """
    global _sign  # noqa: PLW0603 - one a process
    with _guard:
        database = str(connection.settings_dict["NAME"])
        if _sign is None or (_sign.process, _sign.database) != (os.getpid(), database):
            if _sign is not None:
                _left_alone.append(_sign)
            _sign = _Sign(os.getpid(), database, secrets.randbelow(2**31))
        with connection.wrap_database_errors:
            _hold(_sign)
        return _sign.number


def let_go() -> None:
    """End this process's sign, as its end would."""
    global _sign  # noqa: PLW0603 - one a process
    with _guard:
        if _sign is not None and _sign.link is not None and _sign.process == os.getpid():
            _sign.link.close()
        _sign = None


def _hold(sign: _Sign) -> None:
    if sign.link is not None:
        try:
            sign.link.execute("SELECT 1")
        except psycopg.OperationalError:
            sign.link.close()
        else:
            return
    sign.link = None
    parameters = dict(connection.get_connection_params())
    for ours in ("cursor_factory", "context", "pool", "prepare_threshold"):
        parameters.pop(ours, None)
    link = psycopg.connect(**parameters, autocommit=True)
    try:
        # Shared: where the server still has this process's former connection, which it thinks alive, it is not waited for.
        link.execute("SELECT pg_advisory_lock_shared(%s, %s)", (LOCK_CLASS, sign.number))
    except BaseException:
        link.close()
        raise
    sign.link = link
