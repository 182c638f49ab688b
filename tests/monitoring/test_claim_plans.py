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
        # all of them: what another test has left known of a neighbour would be believed
        cursor.execute("ANALYZE")
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
    assert [plan for plan in found if "raw_turn" not in plan or "Seq Scan" in plan] == []


def test_the_next_change_of_a_service_is_found_by_the_partial_index():
    services = [things.service() for _ in range(6)]
    alerts = [things.alert(services[n % 6]) for n in range(60)]
    AlertChange.objects.bulk_create(
        AlertChange(
            alert=alerts[n % 60],
            kind="refired",
            at=NOW,
            event_at=NOW,
            lane=alerts[n % 60].service_id,
            handled_at=None if n > 11_000 else NOW,
        )
        for n in range(12_000)
    )

    found = plans(lambda: incidents.tick(NOW, limit=3), "monitoring_alertchange")

    assert found
    assert [plan for plan in found if "change_lane" not in plan] == []
    assert [plan for plan in found if "Seq Scan on monitoring_alertchange" in plan] == []
