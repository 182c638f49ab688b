"""The one connection to Redis that isn't Celery's or the cache's. It answers within half a second or not at all."""

from functools import lru_cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry


@lru_cache(maxsize=1)
def redis_client() -> redis.Redis:
    """A client with its own pool. Whoever uses it goes on without: nothing that matters lies in Redis.

    It asks once: the library's own ten tries with pauses would hold up an engine for four seconds at each call.
    """
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5, retry=Retry(NoBackoff(), 0)
    )
