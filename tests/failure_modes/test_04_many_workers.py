"""4. Several workers read the same due timer before one of them marks it: each of them pages.

What holds here: a row is locked before anybody works on it (SKIP LOCKED), and looked at again under the lock.
Real threads on the real PostgreSQL. Beside this: `tests/rotas/test_escalation_concurrency.py` (whole policies,
acknowledging meanwhile), `tests/monitoring/test_intake_concurrency.py` (one alert, many posts),
`tests/notifications/test_delivery.py` (one channel, five workers).
"""

import pytest

from tests.failure_modes.engines_for_tests import CASES, Case
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 4
ITEMS = 8


@pytest.fixture(autouse=True)
def _quiet(settings, email):
    settings.MAINSTAY_NUDGES = False


@pytest.mark.parametrize("case", CASES, ids=str)
def test_however_many_work_each_timer_acts_once(case: Case):
    rows = case.arrange(ITEMS)
    together(lambda n: case.drain(), WORKERS)
    case.drain()  # what was busy when the last of them looked
    assert [case.done(row) for row in rows] == [case.once] * ITEMS
    assert case.tick(case.at) == 0


def test_no_mail_leaves_twice(email):
    case = next(case for case in CASES if case.name == "messages")
    rows = case.arrange(ITEMS)
    together(lambda n: case.drain(), WORKERS)
    sent = sorted(outgoing.message_id for outgoing in email.sent)
    assert sent == sorted(row.pk for row in rows)
