"""A database whose host vanishes is given up in half a minute, unless DATABASE_URL says otherwise."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from core.dburl import parse_database_url

URL = "postgresql://ada:pw@db.test:5433/mainstay"


def options(query: str) -> dict:
    """OPTIONS as a process with this DATABASE_URL would have them."""
    words = (
        "import json; from config import settings;"
        "print(json.dumps(settings.DATABASES['default']['OPTIONS'], default=str))"
    )
    run = subprocess.run(
        [sys.executable, "-c", words],
        env={**os.environ, "DATABASE_URL": URL + query},
        check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    found: dict = json.loads(run.stdout)
    return found


def test_a_vanished_host_is_noticed():
    found = settings.DATABASES["default"]["OPTIONS"]
    names = ("keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout")
    assert [found[name] for name in names] == [10, 5, 3, 20_000]


@pytest.mark.django_db
def test_the_server_connection_has_them():
    connection.ensure_connection()
    found = connection.connection.info.get_parameters()
    assert (found["keepalives_idle"], found["tcp_user_timeout"]) == ("10", "20000")


def test_the_url_has_the_last_word_and_session_options_are_added():
    found = options("?tcp_user_timeout=5000&sslmode=require&options=-c%20search_path%3Dx")
    assert (found["tcp_user_timeout"], found["sslmode"], found["keepalives_idle"]) == ("5000", "require", 10)
    assert found["options"].endswith("idle_in_transaction_session_timeout=60000 -c search_path=x")


def test_where_and_who_are_no_options():
    found = parse_database_url("postgresql:///mainstay?host=/run/pg&user=ada&password=pw&port=5433&dbname=x")
    assert (found["HOST"], found["USER"], found["PORT"], found["OPTIONS"]) == ("/run/pg", "ada", "5433", {})
