"""Who waits gets a turn, however long the queue beside it."""

from collections import Counter

import pytest
from django.db import connection

from core.turns import Turns, keys_waiting
from monitoring.models import RawDelivery
from tests.make import NOW


def serve(turns: Turns, queues: dict[int, int], limit: int) -> list[int]:
    served = []

    def take(key: int) -> bool:
        if not queues[key]:
            return False
        queues[key] -= 1
        served.append(key)
        return True

    turns.serve(list(queues), take, limit)
    return served


def test_each_gets_one_a_round():
    assert serve(Turns(), {1: 9, 2: 1, 3: 2}, 6) == [1, 2, 3, 1, 3, 1]


def test_it_stops_when_nobody_has_any_left():
    assert serve(Turns(), {1: 1, 2: 0}, 50) == [1]


def test_nobody_waits_for_the_same_ones_to_be_served_first_each_time():
    turns, queues = Turns(), dict.fromkeys(range(10), 100)

    served = [key for _ in range(5) for key in serve(turns, queues, 4)]

    assert Counter(served) == Counter(dict.fromkeys(range(10), 2))


@pytest.mark.django_db
def test_keys_are_found_with_a_probe_each_whatever_the_length_of_a_queue():
    rows = [
        RawDelivery(integration_id=door, received_at=NOW, body=b"", expires_at=NOW, state=state)
        for door, state, count in [(7, "received", 5_000), (3, "received", 1), (5, "done", 100)]
        for _ in range(count)
    ]
    RawDelivery.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE monitoring_rawdelivery")
        cursor.execute(
            "EXPLAIN SELECT integration_id FROM monitoring_rawdelivery "
            "WHERE state = 'received' AND integration_id > 3 ORDER BY 1 LIMIT 1"
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert keys_waiting(RawDelivery, "integration_id", "state = 'received'") == [3, 7]
    assert keys_waiting(RawDelivery, "integration_id", "state = 'parked'") == []
    assert "Index Only Scan using raw_turn" in plan, plan
