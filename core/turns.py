"""Taking turns: who waits gets one thing done, then the next, so that a long queue never holds up a short one."""

from collections.abc import Callable

from django.db import connection
from django.db.models import Model


class Turns:
    """Goes round the keys that wait, beginning behind the one that was served last.

    What it remembers is this process's own; forgetting it costs somebody one turn and nothing else.
    """

    def __init__(self) -> None:
        self._last: int | None = None

    def serve(self, keys: list[int], take: Callable[[int], int], limit: int) -> int:
        """Call `take(key)` round and round until `limit` things were done or nobody has any left; how many.

        `take` does one thing of that key or some, and says how many there were to do; at none, the key sits out.
        """
        last = self._last
        waiting = sorted(set(keys))
        if last is not None:
            waiting = [key for key in waiting if key > last] + [key for key in waiting if key <= last]
        done = 0
        while waiting and done < limit:
            left = []
            for place, key in enumerate(waiting):
                if done >= limit:
                    left += waiting[place:]
                    break
                if did := take(key):
                    done += did
                    self._last = key
                    left.append(key)
            waiting = left
        return done


def keys_waiting(model: type[Model], column: str, condition: str) -> list[int]:
    """The distinct values of an integer `column` among the rows that fulfil `condition`, ascending.

    One index probe for each value, however many rows share it: there has to be an index on (column, …)
    whose condition is `condition`. Both are parts of SQL and never come from outside.
    """
    table, quote = model._meta.db_table, connection.ops.quote_name
    head = f"SELECT {quote(column)} AS key FROM {quote(table)} WHERE {condition}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE waiting AS (({head} ORDER BY 1 LIMIT 1) UNION ALL "  # noqa: S608
            f"SELECT ({head} AND {quote(column)} > waiting.key ORDER BY 1 LIMIT 1) "
            "FROM waiting WHERE waiting.key IS NOT NULL) SELECT key FROM waiting WHERE key IS NOT NULL"
        )
        return [key for (key,) in cursor.fetchall()]
