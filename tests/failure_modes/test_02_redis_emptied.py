"""Redis is emptied: every ring on its way is lost, and whatever a broker would have remembered of timers.

The sweep finds all that is due within one period.
"""

import pytest

from tests.faults import books
from tests.faults.stack import Stack
from tests.faults.test_kill import under_way
from tests.patience import until

pytestmark = [pytest.mark.process, pytest.mark.timeout(900)]


def test_all_due_timers_fire_although_redis_has_forgotten_everything(stack: Stack, traffic):
    with traffic() as sent:
        under_way(sent)
    books.settle(stack)
    due = stack.rows("SELECT count(*) FROM rotas_escalationrun WHERE state = 'running' AND step = 1")[0][0]
    until(lambda: due > 0, "runs that wait")

    stack.redis().flushall()
    assert books.make_due(stack, limit=due) == due
    stack.redis().flushall()

    books.resumes(stack)
    books.check(stack, sent)
