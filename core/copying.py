"""Many rows at once by COPY. What a caller doesn't name has the default of its field."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import JSONField, Model


def copy_in(model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write new rows of `model`, each with the values of `names` (attnames: `owner_id`, not `owner`).

    Part of the caller's transaction. The key comes from the sequence unless it is named. Values go as they
    are, but for JSON; `auto_now` is not known here.
    """
    meta = model._meta
    by_name = {field.attname: field for field in meta.concrete_fields}
    others = [field for name, field in by_name.items() if name not in names and not field.primary_key]
    fields = [*(by_name[name] for name in names), *others]
    rest = [field.get_db_prep_save(field.get_default(), connection) for field in others]
    json_at = [at for at, name in enumerate(names) if isinstance(by_name[name], JSONField)]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {quote(meta.db_table)} ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            values = [*row, *rest]
            for at in json_at:
                values[at] = fields[at].get_db_prep_save(values[at], connection)
            copy.write_row(values)


def reserve_keys(model: type[Model], count: int) -> list[int]:
    """Take `count` keys from the sequence of `model`, for rows whose key must be known before they are written."""
    meta = model._meta
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [meta.db_table, meta.pk.column, count],
        )
        return [key for (key,) in cursor.fetchall()]
