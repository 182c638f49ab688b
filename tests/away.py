"""A Redis that isn't there."""

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry


def away_redis() -> redis.Redis:
    """A client of a closed port, which asks once as ours does."""
    return redis.Redis(port=1, socket_connect_timeout=0.1, retry=Retry(NoBackoff(), 0))
