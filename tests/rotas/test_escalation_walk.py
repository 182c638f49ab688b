"""The walk along a policy, as pure decisions."""

from datetime import timedelta

import pytest

from rotas.domain.steps import Decision, Position, decide
from rotas.domain.terms import Step, Terms
from tests.make import NOW

MINUTE = timedelta(minutes=1)
TWO_STEPS = Terms((Step(300), Step(600)), repeats=1, fallback_user_id=None)


def test_nothing_happens_before_a_step_is_due():
    assert decide(TWO_STEPS, Position(0, 0, NOW), NOW - timedelta(microseconds=1)) == Decision("wait")


@pytest.mark.parametrize(
    ("stands", "goes"),
    [
        ((0, 0), (1, 0, 5)),
        ((1, 0), (0, 1, 10)),
        ((0, 1), (1, 1, 5)),
        ((1, 1), (2, 1, 10)),
    ],
)
def test_a_due_step_is_called_and_the_next_waits(stands, goes):
    step, round_, minutes = goes
    after = Position(step, round_, NOW + minutes * MINUTE)
    assert decide(TWO_STEPS, Position(*stands, NOW), NOW) == Decision("call", after)


def test_the_end_of_the_last_round_is_exhausted():
    assert decide(TWO_STEPS, Position(2, 1, NOW), NOW) == Decision("exhausted")


def test_a_late_tick_counts_the_next_wait_from_now():
    late = NOW + 10 * MINUTE
    assert decide(TWO_STEPS, Position(0, 0, NOW), late) == Decision("call", Position(1, 0, late + 5 * MINUTE))
