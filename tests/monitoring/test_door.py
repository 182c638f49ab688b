"""Posts that are taken at the same moment share a statement, and nothing else."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import pytest
from django.db import DataError, OperationalError, connection

from core import clock
from core.together import InDoubtError, Together
from core.types import SYSTEM
from monitoring.api import short_way
from monitoring.domain import door
from monitoring.domain.integrations import intake_url, set_active
from monitoring.models import RawDelivery
from tests.make import NOW
from tests.monitoring import make
from tests.patience import until


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


@pytest.fixture
def pool():
    with ThreadPoolExecutor(8) as threads:
        yield threads


@pytest.fixture
def store(monkeypatch):
    """The statement, which waits for a go before its first post is stored, and notes how many it took each time."""
    taken, begun, may_go, plain = [], threading.Event(), threading.Event(), door._store

    def stored(posts):
        taken.append(len(posts))
        if len(taken) == 1:
            begun.set()
            assert may_go.wait(60)
        return plain(posts)

    stored.taken, stored.begun, stored.may_go = taken, begun, may_go
    monkeypatch.setattr(door, "_together", Together(stored, 8, undone=door._stored_nothing, patience=60.0))
    return stored


def taken(key, body=b"{}", **headers):
    try:
        return door.take(
            "generic", key, body, headers=headers, delivery_id="", address=None, instant=clock.in_sql()
        )
    finally:
        connection.close()


def at_once(pool, store, *posts):
    """What becomes of posts of which the first is under way when the others come."""
    first = pool.submit(taken, *posts[0])
    assert store.begun.wait(60)
    others = [pool.submit(taken, *each[:2], **dict(*each[2:])) for each in posts[1:]]
    until(lambda: len(door._together._waiting) == len(others), "all wait", step=0.001)
    store.may_go.set()
    return [first, *others]


@pytest.mark.django_db(transaction=True)
def test_posts_that_come_meanwhile_share_a_statement(pool, store):
    one, other = (key_of(make.integration("generic")) for _ in range(2))
    found = at_once(pool, store, (one, b"a"), (other, b"b"), ("wrong", b"c"), (one, b"d"))
    ids = [each.result(60) for each in found]
    assert store.taken == [1, 3]
    assert ids[2] is None
    assert [bytes(RawDelivery.objects.get(pk=each.id).body) for each in ids if each] == [b"a", b"b", b"d"]


@pytest.mark.django_db(transaction=True)
def test_one_that_cannot_be_stored_keeps_no_other_from_it(pool, store):
    key = key_of(make.integration("generic"))
    found = at_once(pool, store, (key, b"a"), (key, b"b"), (key, b"c", {"host": "\x00"}), (key, b"d"))
    assert isinstance(found[2].exception(60), DataError)
    kept = [bytes(RawDelivery.objects.get(pk=found[n].result(60).id).body) for n in (0, 1, 3)]
    assert store.taken == [1, 3, 1, 1, 1]
    assert (kept, RawDelivery.objects.count()) == ([b"a", b"b", b"d"], 3)


@pytest.mark.django_db(transaction=True)
def test_where_a_connection_breaks_nobody_is_told_that_it_is_stored_and_nothing_is_twice(
    pool, store, monkeypatch
):
    key = key_of(make.integration("generic"))
    prepared, broken = door.prepared_cursor, []

    def breaks(link):
        if len(store.taken) == 2 and not broken:
            broken.append(link)
            link.ensure_connection()
            link.connection.close()
        return prepared(link)

    monkeypatch.setattr(door, "prepared_cursor", breaks)
    found = at_once(pool, store, (key, b"a"), (key, b"b"), (key, b"c"))
    assert found[0].result(60).id
    assert {type(each.exception(60)) for each in found[1:]} == {OperationalError}
    assert (RawDelivery.objects.count(), store.taken) == (1, [1, 2])
    assert taken(key, b"b").id


@pytest.mark.django_db(transaction=True)
def test_where_the_one_who_stores_gets_no_connection_the_others_store_their_own(pool, store, monkeypatch):
    key = key_of(make.integration("generic"))
    prepared, without = door.prepared_cursor, []

    def none_left(link):
        if len(store.taken) == 2 and not without:
            without.append(link)
            link.close()
            raise OperationalError("no connection is left")
        return prepared(link)

    monkeypatch.setattr(door, "prepared_cursor", none_left)
    found = at_once(pool, store, (key, b"a"), (key, b"b"), (key, b"c"))
    assert len({each.result(60).id for each in found}) == RawDelivery.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_whoever_waits_too_long_for_another_is_told_to_send_again(monkeypatch):
    def away(_post):
        raise InDoubtError("gone")

    monkeypatch.setattr(door, "_together", away)
    with pytest.raises(OperationalError, match="if at all: gone"):
        taken(key_of(make.integration("generic")))


@pytest.mark.django_db
def test_a_connection_that_rested_is_looked_at_before_its_next_post(monkeypatch):
    keeper, closed = short_way._Keeper(), []
    monkeypatch.setattr(
        keeper,
        "connection",
        SimpleNamespace(
            connection=object(),
            in_atomic_block=False,
            errors_occurred=False,
            close=lambda: closed.append(True),
        ),
    )
    now = [1_000.0]
    monkeypatch.setattr(door, "monotonic", lambda: now[0])
    monkeypatch.setattr(short_way, "monotonic", lambda: now[0])
    monkeypatch.setattr(door, "_familiar", set())
    door.knows("generic", "a stranger's")
    now[0] += 0.9
    keeper.look()
    assert closed == []
    now[0] += 0.2
    keeper.look()
    assert closed == [True]
    door._store([post_of(make.integration("generic"))])
    keeper.look()
    assert closed == [True]


@pytest.mark.django_db(transaction=True)
def test_many_threads_lose_and_confuse_nothing(pool):
    doors = [make.integration("generic") for _ in range(3)]
    keys = [key_of(each) for each in doors]

    def post(n):
        return taken(keys[n % 3] if n % 7 else "wrong", str(n).encode())

    found = list(pool.map(post, range(200)))
    assert [n for n, each in enumerate(found) if each is None] == [n for n in range(200) if n % 7 == 0]
    kept = {each.pk: each for each in RawDelivery.objects.all()}
    assert len(kept) == sum(each is not None for each in found)
    for n, each in enumerate(found):
        if each is not None:
            row = kept[each.id]
            assert (bytes(row.body), row.integration_id) == (str(n).encode(), doors[n % 3].pk)
