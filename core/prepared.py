"""Statements that the database plans once a connection: planning a page's questions took it longer than answering them.

Django sends every statement whole, values and all, so that PostgreSQL plans it anew each time. Here the values travel apart. After
a few executions the server itself decides whether a plan for any value is as good as one for these values.
"""

from typing import Any

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper


class _Cursor(psycopg.Cursor[Any]):
    """Prepares whatever it executes. The threshold of a link stands at "never", for Django's own cursors."""

    def execute(self, query: Any, params: Any = None, **_how: Any) -> "_Cursor":
        link = self.connection
        link.prepare_threshold = 0
        try:
            super().execute(query, params, prepare=True)
        finally:
            link.prepare_threshold = None
        return self


def prepared_cursor(connection: BaseDatabaseWrapper) -> Any:
    """A cursor of Django's for statements that stay the same. A value named twice, `%(since)s`, is one value to the server.

    Its errors are Django's. Where statements are written down (debugging, tests that count them) it is Django's own, which
    can tell a statement with its values.
    """
    if connection.queries_logged:
        return connection.cursor()
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor: Any = _Cursor(connection.connection)
    return connection.make_cursor(cursor)
