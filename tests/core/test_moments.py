"""Instants as the database sends them."""

from datetime import UTC, datetime

import pytest
from django.db import DataError, connection
from hypothesis import given
from hypothesis import strategies as st
from psycopg.pq import Format

from core.moments import InstantLoader

pytestmark = pytest.mark.django_db
# the type's key in every PostgreSQL
TIMESTAMPTZ = 1184


def told(text: str) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [text])
        return cursor.fetchone()[0]


def test_the_portals_connections_read_this_way():
    connection.ensure_connection()
    assert connection.connection.adapters.get_loader(TIMESTAMPTZ, Format.TEXT) is InstantLoader


def read(moment: datetime) -> datetime:
    loader = InstantLoader(TIMESTAMPTZ)
    found = loader.load(moment.isoformat(sep=" ").replace("+00:00", "+00").encode())
    assert found.tzinfo is UTC
    return found


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_comes_back_as_it_went(moment):
    assert read(moment) == moment


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("2026-11-26 12:00:00.5+05:45", datetime(2026, 11, 26, 6, 15, 0, 500000, tzinfo=UTC)),
        ("0001-01-01 00:00:00+00", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31 23:59:59.999999+00", datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_whatever_zone_it_was_written_in_it_is_read_in_utc(text, means):
    found = told(text)
    assert (found, found.tzinfo) == (means, UTC)


@pytest.mark.parametrize(
    "text", ["infinity", "-infinity", "0044-03-15 12:00:00 BC", "12000-01-01 00:00:00+00"]
)
def test_what_python_has_no_instant_for_is_refused_by_name(text):
    with pytest.raises(DataError, match="timestamp"):
        told(text)
