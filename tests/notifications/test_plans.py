"""An idle tick costs what is due, not what is kept."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.domain.claims import claim
from notifications.domain.inbox import deliver_rows
from notifications.models import Message
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db

_KEPT = """
INSERT INTO notifications_message (recipient_id, channel, urgency, kind, subject, body, url, about_kind, about_ref,
    dedup_key, data, state, attempts, created_at, error, bundle)
SELECT %s, CASE WHEN n %% 2 = 0 THEN 'in_app' ELSE 'email' END, 'urgent', 'incident.page', 'kept', '', '', 'incident',
    'INC-' || n, 'kept:' || n, '{}', 'sent', 1, %s, '', '' FROM generate_series(1, 20000) AS n
"""


def plan_of(query: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {query}")
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.parametrize(
    "ask", [lambda: deliver_rows(NOW, 500), lambda: claim(NOW, 8)], ids=["inbox", "claim"]
)
def test_what_is_due_is_found_by_the_partial_index(ask):
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, [make.user().pk, NOW])
        cursor.execute("ANALYZE notifications_message")
    with CaptureQueriesContext(connection) as queries:
        ask()
    asked = [each["sql"] for each in queries if "next_at" in each["sql"]]
    assert len(asked) == 1
    plan = plan_of(asked[0])
    assert "message_due" in plan, plan
    assert "Seq Scan on notifications_message" not in plan, plan
    assert Message.objects.count() == 20_000
