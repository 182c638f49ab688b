"""Posts that are taken at the same moment share a statement, and nothing else."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import DataError, connection

from core import clock
from core.types import SYSTEM
from monitoring.domain import door
from monitoring.domain.integrations import intake_url, set_active
from monitoring.models import RawDelivery
from tests.make import NOW
from tests.monitoring import make


def key_of(integration):
    return intake_url(integration).rstrip("/").rsplit("/", 1)[1]


def post_of(integration, body=b"{}", **headers):
    return door._Post(
        door.digest(key_of(integration)), integration.source, body, headers, "10.1.2.3", clock.in_sql()
    )


@pytest.mark.django_db
def test_each_of_several_posts_gets_its_own_row_or_none():
    first, second, shut = (make.integration(source) for source in ("generic", "grafana", "generic"))
    set_active(shut, active=False, actor=SYSTEM, now=NOW)
    rows = door._store(
        [post_of(first, b"a", host="x"), post_of(shut, b"b"), post_of(second, b"c"), post_of(first, b"d")]
    )
    assert rows[1] is None
    kept = [RawDelivery.objects.get(pk=row[0]) for row in rows if row]
    assert [(each.integration_id, bytes(each.body)) for each in kept] == [
        (first.pk, b"a"),
        (second.pk, b"c"),
        (first.pk, b"d"),
    ]
    assert (kept[0].headers, kept[1].headers, kept[0].address) == ({"host": "x"}, {}, "10.1.2.3")
    assert [each.received_at for each in kept] == [row[1] for row in rows if row]
    assert RawDelivery.objects.count() == 3


@pytest.mark.django_db
def test_a_key_of_another_source_opens_nothing():
    grafana = make.integration("grafana")
    assert door._store([replace(post_of(grafana), source="generic")]) == [None]


@pytest.mark.django_db(transaction=True)
def test_one_that_cannot_be_stored_keeps_no_other_from_it():
    integration = make.integration("generic")
    rows = door._store_those_that_can(
        [post_of(integration, b"a"), post_of(integration, b"b", host="\x00"), post_of(integration, b"c")]
    )
    assert isinstance(rows[1], DataError)
    assert [bytes(RawDelivery.objects.get(pk=row[0]).body) for row in (rows[0], rows[2])] == [b"a", b"c"]
    assert RawDelivery.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_many_threads_lose_and_confuse_nothing():
    doors = [make.integration("generic") for _ in range(3)]
    keys = [key_of(each) for each in doors]

    def post(n):
        try:
            return door.take(
                "generic",
                keys[n % 3] if n % 7 else "wrong",
                str(n).encode(),
                headers={},
                delivery_id="",
                address=None,
                instant=clock.in_sql(),
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(post, range(200)))
    assert [n for n, each in enumerate(taken) if each is None] == [n for n in range(200) if n % 7 == 0]
    kept = {each.pk: each for each in RawDelivery.objects.all()}
    assert len(kept) == sum(each is not None for each in taken)
    for n, each in enumerate(taken):
        if each is not None:
            row = kept[each.id]
            assert (bytes(row.body), row.integration_id) == (str(n).encode(), doors[n % 3].pk)
