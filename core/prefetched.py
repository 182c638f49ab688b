"""Related rows that were read otherwise, as if Django had prefetched them: several relations in one query."""

from typing import Any

from django.db.models import Model


def remember(row: Model, relation: str, related: list[Any]) -> None:
    """`row.<relation>.all()` gives these from now on, without a query. They come in the order in which they are to be read."""
    rows = getattr(row, relation).all()
    rows._result_cache, rows._prefetch_done = list(related), True
    row.__dict__.setdefault("_prefetched_objects_cache", {})[relation] = rows
