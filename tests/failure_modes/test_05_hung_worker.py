"""5. One instance hung while it held a lock that all others waited for: every engine everywhere stood still.

What holds here: nobody waits for a row that another works on. The others go on with the rest; what the hung one
holds is done once it is gone (PostgreSQL ends its transaction after a minute of silence).
"""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from tests.failure_modes.engines_for_tests import CASES, Case

pytestmark = pytest.mark.django_db(transaction=True)
HELD = [(case, held) for case in CASES for held in case.rows]


@pytest.fixture(autouse=True)
def _quiet(settings, email):
    settings.MAINSTAY_NUDGES = False


def another_worker(case: Case) -> None:
    try:
        case.drain()
    finally:
        connection.close()


@pytest.mark.parametrize(("case", "held"), HELD, ids=str)
def test_the_others_go_on(case: Case, held: str):
    stuck, *others = case.arrange(3)
    before = case.done(stuck)
    row = case.rows[held](stuck)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        type(row).objects.select_for_update(no_key=True).get(pk=row.pk)
        pool.submit(another_worker, case).result(timeout=25)
        assert [case.done(other) for other in others] == [case.once] * 2
        assert case.done(stuck) == before
    case.drain()
    assert case.done(stuck) == case.once
