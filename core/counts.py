"""Small figures that the frame of a page shows, asked in one query together.

An app's `nav.py` says what to count: `register("monitoring:firing", provider)`. A badge then asks
`counted(request, "monitoring:firing")`, and the first to ask pays for all of them. `register_value` takes a query
that gives one value, such as several counts over the same rows as JSON; `asked` tells it.

Every page asks this, so the statement is compiled once for each kind of reader (core.compiled): a provider gets a
stand-in for reader and instants, not the values.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Func, IntegerField, QuerySet, Subquery
from django.http import HttpRequest

from core.compiled import Reader, compiled
from core.http.now import request_now

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, and when: stand-ins that may go into filters. The instants around `now` are there because a statement
    that is compiled can't reckon with a value it doesn't have yet."""

    reader: Any
    now: datetime
    in_an_hour: datetime
    a_day_ago: datetime
    two_days_ago: datetime


Provider = Callable[[Asking], "QuerySet[Any, Any] | None"]
_providers: dict[str, tuple[Provider, str]] = {}


def register(key: str, provider: Provider, *, only_on: str = "") -> None:
    """`provider(asking)` gives the rows to count for this reader, or None where there is nothing to ask.

    The count should be served by an index: it runs on every page; or, with `only_on`, on the pages of that view.
    """

    def count(asking: Asking) -> QuerySet[Any, Any] | None:
        rows = provider(asking)
        return None if rows is None else _count(rows)

    _providers[key] = (count, only_on)


def register_value(key: str, provider: Provider) -> None:
    """`provider(asking)` gives a query of one row with one column (`.values("…")`), or None."""
    _providers[key] = (provider, "")


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
    user: Any = request.user
    if not user.is_authenticated:
        return {}
    match, now = request.resolver_match, request_now(request)
    page = (
        match.view_name if match and any(only == match.view_name for _, only in _providers.values()) else ""
    )
    answer = _figures(user, now, now + HOUR, now - DAY, now - 2 * DAY, page=page)
    return answer[0] if answer else {}


@compiled
def _figures(
    reader: Reader,
    now: datetime,
    in_an_hour: datetime,
    a_day_ago: datetime,
    two_days_ago: datetime,
    *,
    page: str,
) -> QuerySet[Any, Any]:
    asking = Asking(reader, now, in_an_hour, a_day_ago, two_days_ago)
    asked_here = {key: provider for key, (provider, only) in _providers.items() if only in {"", page}}
    wanted = {key: query for key, provider in asked_here.items() if (query := provider(asking)) is not None}
    # The reader's own row is the one row that is surely there to hang the figures on.
    one_row = get_user_model()._default_manager.filter(pk=reader.pk).order_by()
    return one_row.values(**{key: Subquery(query) for key, query in wanted.items()})


def _count(rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    everything = Func(template="COUNT(*)", output_field=IntegerField())
    counted: QuerySet[Any, Any] = rows.order_by().annotate(_count=everything).values("_count")
    return counted
