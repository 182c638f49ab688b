"""Small counts that the frame of every page shows, asked in one query together.

An app's `nav.py` says what to count: `register("monitoring:firing", provider)`. A badge then asks
`counted(request, "monitoring:firing")`, and the first to ask pays for all of them.
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
    _providers[key] = provider


def counted(request: HttpRequest, key: str) -> int:
    """How many rows `key` stands for, for this request's reader. One query a request, whoever asks how often."""
    found: dict[str, int] | None = getattr(request, "_mainstay_counts", None)
    if found is None:
        found = _ask(request)
        request._mainstay_counts = found  # type: ignore[attr-defined]
    return found.get(key, 0)


def _ask(request: HttpRequest) -> dict[str, int]:
    asked = {key: rows for key, provider in _providers.items() if (rows := provider(request)) is not None}
    user: Any = request.user
    if not asked or not user.is_authenticated:
        return {}
    # The reader's own row is the one row that is surely there to hang the counts on.
    one_row = user._meta.model._default_manager.filter(pk=user.pk)
    answer = one_row.values_list(*[Subquery(_count(rows)) for rows in asked.values()]).first()
    return dict(zip(asked, answer or (), strict=False))


def _count(rows: QuerySet[Any]) -> QuerySet[Any]:
    everything = Func(template="COUNT(*)", output_field=IntegerField())
    counted: QuerySet[Any] = rows.order_by().annotate(_count=everything).values("_count")
    return counted
