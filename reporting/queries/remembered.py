"""Numbers that took long to count are remembered for a minute: many look at the same page, and it is of the past."""

from contextlib import suppress
from time import monotonic
from typing import Any

import redis
from django.core.cache import cache

from accounts.rules import is_support
from reporting.queries.numbers import numbers
from reporting.types import Numbers, Scope

DEAR_SECONDS = 0.1
REMEMBERED_SECONDS = 60


def recent_numbers(user: Any, scope: Scope) -> Numbers:
    """The numbers of a scope, or those of the same minute, which say their own scope.

    Only support shares them: who sees less is always told what is theirs now.
    """
    if not is_support(user):
        return numbers(user, scope)
    key = _key(scope)
    known: Numbers | None = None
    with suppress(redis.RedisError):
        known = cache.get(key)
    if known is not None:
        return known
    begun = monotonic()
    found = numbers(user, scope)
    if monotonic() - begun > DEAR_SECONDS:
        with suppress(redis.RedisError):
            cache.set(key, found, REMEMBERED_SECONDS)
    return found


def _key(scope: Scope) -> str:
    """Alike for scopes whose ends lie in the same minute."""
    length = int((scope.end - scope.start).total_seconds())
    minute = int(scope.end.timestamp()) // 60
    return f"numbers:{minute}:{length}:{scope.client}:{scope.service}:{scope.severity}"
