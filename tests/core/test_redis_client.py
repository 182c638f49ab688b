"""Our own door to Redis asks once: what is away costs nobody more than half a second."""

from django.conf import settings
from django.core.cache import cache

from core.redis_client import redis_client


def test_a_call_is_tried_once():
    assert redis_client().get_retry().get_retries() == 0


def test_the_cache_asks_once_too():
    assert settings.CACHES["default"]["OPTIONS"]["retry"].get_retries() == 0
    assert cache.set("word", 1) is None and cache.get("word") == 1
