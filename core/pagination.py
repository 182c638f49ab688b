"""Keyset paging on the full ordering tuple, shared by portal and API.

A page costs the same however deep it lies and however many rows tie on the first field. The ordering
must end in the primary key and hold no NULLs (annotate with Coalesce where a column may be empty).
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldDoesNotExist
from django.db.models import (
    CharField,
    DateTimeField,
    F,
    Field,
    Func,
    IntegerField,
    Model,
    Q,
    QuerySet,
    TextField,
)
from django.db.models.expressions import OrderBy
from django.http import QueryDict

from core.errors import Invalid

M = TypeVar("M", bound=Model)
R = TypeVar("R")
MAX_SIZE = 200
PROBED = 2_000


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """One page: its rows and the cursors around it (empty where there is nothing more)."""

    items: list[R]
    next_cursor: str = ""
    previous_cursor: str = ""
    base: str = field(default="", repr=False)

    @property
    def next_url(self) -> str:
        return self._url(self.next_cursor)

    @property
    def previous_url(self) -> str:
        return self._url(self.previous_cursor)

    def _url(self, cursor: str) -> str:
        if not cursor:
            return ""
        query = QueryDict(self.base, mutable=True)
        query["cursor"] = cursor
        return "?" + query.urlencode()


@dataclass(frozen=True, slots=True)
class Sparse(Generic[M]):
    """A list with a filter that may fit every row or none: `rows` without it, and `looked_at` with it, in a form that no index
    answers, so that a few rows are looked at and nothing is looked up."""

    rows: QuerySet[M]
    looked_at: QuerySet[M]


def paginate(
    queryset: QuerySet[M],
    ordering: Sequence[str],
    *,
    cursor: str = "",
    size: int = 50,
    query: str = "",
    sparse: Sparse[M] | None = None,
    newest: Callable[[int], list[M]] | None = None,
) -> Page[M]:
    """The page of `queryset` at `cursor`, ordered by `ordering` ("-field" descends; must end in pk or id).

    `query` is the request's query string, kept in the page's URLs. `sparse`: see `first`. `newest` reads the first so many
    rows of the same where no cursor is given (a statement that is compiled once). Raises Invalid for a
    cursor that is not one of ours, or of a list that is ordered otherwise.
    """
    return paginate_read(
        queryset, ordering, list, cursor=cursor, size=size, query=query, sparse=sparse, newest=newest
    )


def paginate_read(
    queryset: QuerySet[M],
    ordering: Sequence[str],
    read: Callable[[QuerySet[M]], list[R]],
    *,
    cursor: str = "",
    size: int = 50,
    query: str = "",
    sparse: Sparse[M] | None = None,
    newest: Callable[[int], list[R]] | None = None,
) -> Page[R]:
    """The same of what `read` makes of the rows found: they need what the ordering names, and no model."""
    if ordering[-1].lstrip("-") not in {"pk", "id"}:
        raise ValueError("A keyset ordering must end in the primary key.")
    size = max(1, min(size, MAX_SIZE))
    position = _decode(cursor, queryset, ordering) if cursor else None
    backward = position is not None and position.backward
    effective = [_flip(name) for name in ordering] if backward else list(ordering)
    after = _after(effective, position.values) if position is not None else Q()
    if newest is not None and position is None:
        found = newest(size + 1)
    else:
        found = first_read(queryset, effective, size + 1, read, after=after, sparse=sparse)
    more = len(found) > size
    items = found[:size]
    if backward:
        items.reverse()
    has_next, has_previous = (True, more) if backward else (more, position is not None)
    return Page(
        items=items,
        next_cursor=_encode(items[-1], ordering, backward=False) if items and has_next else "",
        previous_cursor=_encode(items[0], ordering, backward=True) if items and has_previous else "",
        base=query,
    )


def first(
    queryset: QuerySet[M],
    ordering: Sequence[str],
    count: int,
    *,
    after: Q | None = None,
    sparse: Sparse[M] | None = None,
) -> list[M]:
    """The first `count` rows in that order, behind `after`.

    `sparse` is for filters with an index of their own, such as words, that may fit every row or none. Whoever goes through
    the rows in order finds common words at once and reads everything for rare ones; whoever goes by the other index does the
    reverse, and the planner can't always tell. So the first PROBED rows without that filter are looked at in order, and only
    where they don't suffice the keys are found by the other index. One query, else three.
    """
    return first_read(queryset, ordering, count, list, after=after, sparse=sparse)


def first_read(
    queryset: QuerySet[M],
    ordering: Sequence[str],
    count: int,
    read: Callable[[QuerySet[M]], list[R]],
    *,
    after: Q | None = None,
    sparse: Sparse[M] | None = None,
) -> list[R]:
    """The same of what `read` makes of the rows found."""
    if sparse is None:
        return read(queryset.filter(after or Q()).order_by(*ordering)[:count])
    probed = sparse.rows.filter(after or Q()).order_by(*ordering).values("pk")[:PROBED]
    found = read(sparse.looked_at.filter(pk__in=probed).order_by(*ordering)[:count])
    if len(found) == count:
        return found
    unordered = [_apart(name) for name in ordering[:-1]]
    narrow = queryset.select_related(None).prefetch_related(None).filter(after or Q())
    keys = list(narrow.order_by(*unordered, ordering[-1]).values_list("pk", flat=True)[:count])
    return read(queryset.filter(pk__in=keys).order_by(*ordering)) if keys else []


def _apart(name: str) -> OrderBy:
    """The same order, in a form that no index on it answers."""
    same: Any = Func(F(name.lstrip("-")), template="(ARRAY[%(expressions)s])[1]")
    return OrderBy(same, descending=name.startswith("-"))


def cursor_after(row: Model, ordering: Sequence[str]) -> str:
    """The cursor of the page that begins behind `row`."""
    return _encode(row, ordering, backward=False)


@dataclass(frozen=True, slots=True)
class _Position:
    values: list[Any]
    backward: bool


def _flip(name: str) -> str:
    return name[1:] if name.startswith("-") else "-" + name


def _after(ordering: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows strictly after `values`. The first field's own bound lets the index start there."""
    chain = Q()
    equal = Q()
    for name, value in zip(ordering, values, strict=True):
        bare = name.lstrip("-")
        chain |= equal & Q(**{f"{bare}__{'lt' if name.startswith('-') else 'gt'}": value})
        equal &= Q(**{bare: value})
    first = ordering[0]
    bound = Q(**{f"{first.lstrip('-')}__{'lte' if first.startswith('-') else 'gte'}": values[0]})
    return bound & chain


def _encode(row: object, ordering: Sequence[str], *, backward: bool) -> str:
    values = []
    for name in ordering:
        value: Any = row
        for part in name.lstrip("-").split("__"):
            value = getattr(value, part)
        values.append({"t": value.isoformat()} if isinstance(value, datetime) else value)
    packed = json.dumps([int(backward), *values], separators=(",", ":"), default=str)
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def _decode(cursor: str, queryset: QuerySet[Any], ordering: Sequence[str]) -> _Position:
    problem = Invalid(
        "This cursor is not one of ours; start again without it.", fields={"cursor": "unusable"}
    )
    try:
        raw = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        raise problem from None
    if not isinstance(raw, list) or len(raw) != len(ordering) + 1 or raw[0] not in (0, 1):
        raise problem
    try:
        values = [_value(_field(queryset, name), told) for name, told in zip(ordering, raw[1:], strict=True)]
    except (KeyError, TypeError, ValueError, OverflowError):
        raise problem from None
    return _Position(values, bool(raw[0]))


def _field(queryset: QuerySet[Any], name: str) -> "Field[Any, Any]":
    """What the list is ordered by: a column, one of a related row, or an annotation."""
    name = name.lstrip("-")
    if name in queryset.query.annotations:
        annotated: Field[Any, Any] = queryset.query.annotations[name].output_field
        return annotated
    model: Any = queryset.model
    *path, last = name.split("__")
    try:
        for part in path:
            model = model._meta.get_field(part).related_model
        found: Field[Any, Any] = model._meta.pk if last == "pk" else model._meta.get_field(last)
    except FieldDoesNotExist as error:
        raise TypeError(name) from error
    return found


def _value(column: "Field[Any, Any]", told: Any) -> Any:
    """A value of a cursor, if it may stand in that column. Raises KeyError, TypeError, ValueError, OverflowError."""
    if isinstance(column, DateTimeField):
        moment = datetime.fromisoformat(told["t"])
        if moment.tzinfo is None:
            raise ValueError(told)
        return moment.astimezone(UTC)
    if isinstance(column, IntegerField):
        if type(told) is not int or abs(told) >= 2**63:
            raise ValueError(told)
        return told
    if not isinstance(column, CharField | TextField) or not isinstance(told, str) or "\x00" in told:
        raise TypeError(column)
    told.encode()  # half of a character can't be asked for
    return told
