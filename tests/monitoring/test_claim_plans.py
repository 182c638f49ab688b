"""A tick costs what it works, not what waits or what is kept."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.domain import intake as incidents
from monitoring.domain import intake
from monitoring.models import AlertChange, RawDelivery
from tests import make as things
from tests.make import NOW
from tests.monitoring import make

pytestmark = pytest.mark.django_db


def plans(ask, table: str) -> list[str]:
    """How each claim of rows of a table would be found."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {table}")
    with CaptureQueriesContext(connection) as queries:
        ask()
    claims = [
        each["sql"] for each in queries if "SKIP LOCKED" in each["sql"] and f'FROM "{table}"' in each["sql"]
    ]
    found = []
    with connection.cursor() as cursor:
        for claim in claims:
            cursor.execute(f"EXPLAIN {claim}")
            found.append("\n".join(line for (line,) in cursor.fetchall()))
    return found


def test_the_next_post_of_an_integration_is_found_by_the_partial_index():
    door = make.integration("generic")
    row = {"received_at": NOW, "expires_at": NOW, "body": b"{}"}
    RawDelivery.objects.bulk_create(
        RawDelivery(integration_id=door.pk + n % 3, state="done" if n % 4 else "received", **row)
        for n in range(12_000)
    )

    found = plans(lambda: intake.tick(NOW), "monitoring_rawdelivery")

    assert found
    assert all("raw_turn" in plan and "Seq Scan" not in plan for plan in found), found[0]


def test_the_next_change_of_a_service_is_found_by_the_partial_index():
    alert = things.alert(things.service())
    AlertChange.objects.bulk_create(
        AlertChange(
            alert=alert,
            kind="refired",
            at=NOW,
            event_at=NOW,
            lane=alert.service_id,
            handled_at=None if n > 11_000 else NOW,
        )
        for n in range(12_000)
    )

    found = plans(lambda: incidents.tick(NOW, limit=3), "monitoring_alertchange")

    assert found
    assert all("change_lane" in plan for plan in found), found[0]
    assert all("Seq Scan on monitoring_alertchange" not in plan for plan in found), found[0]
