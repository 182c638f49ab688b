"""The servers that all other tests stand on."""

import os

import pytest
from django.db import connection


@pytest.mark.django_db
def test_tests_run_on_the_postgresql_of_the_wheel_without_durability():
    if not os.environ.get("MAINSTAY_TESTS_OWN_REDIS"):
        pytest.skip("the servers were given from outside")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000, current_setting('fsync')")
        assert cursor.fetchone() == (18, "off")


def test_each_worker_has_its_own_empty_redis(redis_client):
    assert redis_client.dbsize() == 0
    redis_client.set("left", "behind")


def test_what_another_test_left_in_redis_is_gone(redis_client):
    assert redis_client.dbsize() == 0
    redis_client.set("left", "behind")
