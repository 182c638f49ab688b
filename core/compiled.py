"""Querysets that are built and compiled once, and asked again and again with other values.

Building a queryset and turning it into SQL takes Python longer than PostgreSQL takes to answer it, and a page asks a
dozen of them. What changes from request to request is a few values; the statement stays the same. So:

    @compiled
    def _due(reader: Reader, until: datetime, *, view: str) -> QuerySet[Incident]:
        return incidents_visible_to(reader).filter(next_due_at__lte=until)

    rows = _due(request.user, now + SOON, view="due")  # a list

A value is an int, str, bool or datetime, a `Reader` (give the person) or `Keys` (give a list of ints).

The body runs once for each *shape*: what is given by name only (any hashable value), and what decides over a reader's
rights. What is given by place is a *value*: the body gets a stand-in for it that may go into filters and expressions and
nowhere else, for its value is known only when it is asked. A body that looks at a value, or at anything of a reader but
the rights, fails when it first runs. Anything else that the body reads (a setting, say) must be part of the shape.

With `CHECK` on (tests), the first so many calls of each shape build the queryset the plain way too and compare: same SQL, same
values.
"""

import copy
import functools
import inspect
import re
import typing
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import (
    BigIntegerField,
    BooleanField,
    DateTimeField,
    Expression,
    QuerySet,
    TextField,
)

from core.prepared import prepared_cursor

T = TypeVar("T")
CHECK = 0  # how many calls of each shape are compared with the plain way
_FIELDS: dict[type, Callable[[], Any]] = {
    int: BigIntegerField,
    str: TextField,
    bool: BooleanField,
    datetime: DateTimeField,
}
_PLACE, _NAME = re.compile("%%|%s"), re.compile(r"%\((\w+)\)s")
# What rights are read from, in accounts.rules.
_RIGHTS = ("is_authenticated", "is_active", "role")


class Given(Expression):
    """Stands in a queryset for the value at `place` among those that a call gives."""

    def __init__(self, place: int, output_field: Any) -> None:
        super().__init__(output_field)
        self.place = place

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """A placeholder whose value is this stand-in itself."""
        return "%s", [self]

    def get_group_by_cols(self) -> list[Any]:
        """A value is nothing to group by."""
        return []


class Reader(Given):
    """Stands for the person who asks: their key as a value, their rights as they are."""

    def __init__(self, place: int, rights: tuple[Any, ...]) -> None:
        super().__init__(place, BigIntegerField())
        self.is_authenticated, self.is_active, self.role = rights

    @property
    def pk(self) -> Given:
        """The key, to be filtered by."""
        return self


class Keys(Given):
    """Stands for a list of keys, to be looked for by `__in`."""

    def __init__(self, place: int) -> None:
        super().__init__(place, BigIntegerField())

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """The keys as rows, so that however many there are, the statement is the same."""
        return "SELECT unnest(%s::bigint[])", [self]


@dataclass(frozen=True, slots=True)
class _Plan:
    """A queryset, its statement and its values, some of them stand-ins; no statement where it can have no rows."""

    rows: QuerySet[Any, Any]
    compiler: Any
    sql: str
    values: dict[str, Any]

    def filled(self, given: tuple[Any, ...]) -> dict[str, Any]:
        return {
            name: given[each.place] if isinstance(each, Given) else each for name, each in self.values.items()
        }


class _Replayed:
    """A query whose statement is known: what rows are made from, and a compiler that doesn't compile."""

    def __init__(self, query: Any, compiler: Any, sql: str, values: dict[str, Any]) -> None:
        self._query, self._compiler, self._statement = query, compiler, (sql, values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._query, name)

    def get_compiler(self, using: str | None = None, *_args: Any, **_kwargs: Any) -> Any:
        compiler = copy.copy(self._compiler)
        compiler.connection = _Preparing(connections[using or DEFAULT_DB_ALIAS])
        compiler.as_sql = lambda *_args, **_kwargs: self._statement
        return compiler


class _Preparing:
    """A connection whose cursors prepare what they execute."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def cursor(self) -> Any:
        return prepared_cursor(self._connection)


class Compiled(Generic[T]):
    """A function that gives a queryset, made one that gives its rows."""

    def __init__(self, build: Callable[..., QuerySet[Any, T]]) -> None:
        functools.update_wrapper(self, build)
        self.build = build
        self._name = f"{build.__module__}.{build.__qualname__}"
        hints = typing.get_type_hints(build)
        self._kinds = [
            hints[name]
            for name, each in inspect.signature(build).parameters.items()
            if each.kind is not inspect.Parameter.KEYWORD_ONLY
        ]
        self._plans: dict[tuple[Any, ...], _Plan] = {}
        self._compared: Counter[tuple[Any, ...]] = Counter()

    def __call__(self, *values: Any, **shape: Any) -> list[T]:
        """The rows, for these values and this shape. Raises TypeError where a value is missing or one too many."""
        if len(values) != len(self._kinds):
            raise TypeError(f"{self._name} takes {len(self._kinds)} values, {len(values)} were given.")
        rights: list[tuple[Any, ...]] = []
        given = values
        if Reader in self._kinds:
            pairs = list(zip(self._kinds, values, strict=True))
            rights = [_rights(value) for kind, value in pairs if kind is Reader]
            given = tuple(value.pk if kind is Reader else value for kind, value in pairs)
        key = (*rights, *shape.items())
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = self._planned(iter(rights), shape)
        if self._compared[key] < CHECK:
            self._compared[key] += 1
            self._compare(plan, values, given, shape)
        return _asked(plan, given)

    def _planned(self, rights: Iterator[tuple[Any, ...]], shape: Mapping[str, Any]) -> _Plan:
        standing = [self._stand_in(place, rights) for place in range(len(self._kinds))]
        return _compiled(self.build(*standing, **shape))

    def _stand_in(self, place: int, rights: Iterator[tuple[Any, ...]]) -> Given:
        kind = self._kinds[place]
        if kind is Reader:
            return Reader(place, next(rights))
        return Keys(place) if kind is Keys else Given(place, _FIELDS[kind]())

    def _compare(
        self, plan: _Plan, values: tuple[Any, ...], given: tuple[Any, ...], shape: Mapping[str, Any]
    ) -> None:
        plainly = [Keys(place) if self._kinds[place] is Keys else value for place, value in enumerate(values)]
        plain = _compiled(self.build(*plainly, **shape))
        found = _told(plan, given)
        if found != _told(plain, given):
            raise AssertionError(
                f"{self._name} asks something else when it is compiled:\n"
                f"{found}\ninstead of\n{_told(plain, given)}"
            )


def compiled(build: Callable[..., QuerySet[Any, T]]) -> Compiled[T]:
    """Make a function that gives a queryset one that gives its rows, compiled once for each shape."""
    return Compiled(build)


def _rights(user: Any) -> tuple[Any, ...]:
    return tuple(getattr(user, name, None) for name in _RIGHTS)


def _compiled(rows: QuerySet[Any, Any]) -> _Plan:
    compiler = rows.query.get_compiler(using=DEFAULT_DB_ALIAS)
    try:
        sql, values = compiler.as_sql()
    except EmptyResultSet:
        sql, values = "", ()
    compiler.connection = None
    return _Plan(rows, compiler, *_named(sql, tuple(values)))


def _named(sql: str, values: tuple[Any, ...]) -> tuple[str, dict[str, Any]]:
    """The statement with a name for each value, the same wherever the same is given: PostgreSQL then knows that what it groups
    by is what it shows."""
    names = [f"given_{each.place}" if isinstance(each, Given) else f"at_{n}" for n, each in enumerate(values)]
    left = iter(names)
    told = _PLACE.sub(lambda found: found[0] if found[0] == "%%" else f"%({next(left)})s", sql)
    return told, dict(zip(names, values, strict=True))


def _asked(plan: _Plan, given: tuple[Any, ...]) -> list[Any]:
    if not plan.sql:
        return []
    rows = object.__new__(type(plan.rows))
    rows.__dict__ = {
        **plan.rows.__dict__,
        "_query": _Replayed(plan.rows.query, plan.compiler, plan.sql, plan.filled(given)),
    }
    return list(rows)


def _told(plan: _Plan, given: tuple[Any, ...]) -> tuple[str, list[str]]:
    """Statement and values to be compared: without the brackets that Django puts around an expression and not around a value."""
    filled, order = plan.filled(given), _NAME.findall(plan.sql)
    bare = _NAME.sub("%s", plan.sql).replace("(%s)", "%s")
    return bare, [str(filled[name]) for name in order]
