"""What every test can count on: an empty Redis, and where the servers are."""

import os
from collections.abc import Iterator

import pytest
import redis

from tests.servers import OWN_REDIS


@pytest.fixture(scope="session")
def redis_client() -> Iterator[redis.Redis]:
    """This worker's own Redis database."""
    with redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=5) as client:
        yield client


@pytest.fixture(autouse=True)
def empty_redis(request: pytest.FixtureRequest) -> None:
    """No test sees what another has cached, queued or counted."""
    if os.environ.get(OWN_REDIS):
        request.getfixturevalue("redis_client").flushdb()
