"""The one connection to Redis that isn't Celery's or the cache's. It answers within half a second or not at all."""

from functools import lru_cache

import redis
from django.conf import settings


@lru_cache(maxsize=1)
def redis_client() -> redis.Redis:
    """A client with its own pool. Whoever uses it goes on without: nothing that matters lies in Redis."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
