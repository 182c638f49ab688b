"""Small figures that the frame of a page shows, asked in one query together.

An app's `nav.py` says what to count: `register("monitoring:firing", provider)`. A badge then asks
`counted(request, "monitoring:firing")`, and the first to ask pays for all of them. `register_value` takes a query
that gives one value, such as several counts over the same rows as JSON; `asked` tells it.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Func, IntegerField, QuerySet, Subquery
from django.http import HttpRequest

Provider = Callable[[HttpRequest], QuerySet[Any] | None]
_providers: dict[str, Provider] = {}


def register(key: str, provider: Provider) -> None:
    """`provider(request)` gives the rows to count for this reader, or None where there is nothing to ask.

    The count should be served by an index: it runs on every page.
    """

    def count(request: HttpRequest) -> QuerySet[Any] | None:
        rows = provider(request)
        return None if rows is None else _count(rows)

    _providers[key] = count


def register_value(key: str, provider: Provider) -> None:
    """`provider(request)` gives a query of one row with one column (`.values("…")`), or None."""
    _providers[key] = provider


def counted(request: HttpRequest, key: str) -> int:
    """How many rows `key` stands for, for this request's reader. One query a request, whoever asks how often."""
    return int(asked(request, key) or 0)


def asked(request: HttpRequest, key: str) -> Any:
    """The value of `key` for this request's reader, None where there is none. The same one query."""
    found: dict[str, Any] | None = getattr(request, "_mainstay_counts", None)
    if found is None:
        found = _ask(request)
        request._mainstay_counts = found  # type: ignore[attr-defined]
    return found.get(key)


def _ask(request: HttpRequest) -> dict[str, Any]:
    wanted = {key: query for key, provider in _providers.items() if (query := provider(request)) is not None}
    user: Any = request.user
    if not wanted or not user.is_authenticated:
        return {}
    # The reader's own row is the one row that is surely there to hang the figures on.
    one_row = user._meta.model._default_manager.filter(pk=user.pk)
    answer = one_row.values_list(*[Subquery(query) for query in wanted.values()]).first()
    return dict(zip(wanted, answer or (), strict=False))


def _count(rows: QuerySet[Any]) -> QuerySet[Any]:
    everything = Func(template="COUNT(*)", output_field=IntegerField())
    counted: QuerySet[Any] = rows.order_by().annotate(_count=everything).values("_count")
    return counted
