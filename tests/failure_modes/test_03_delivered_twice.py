"""3. A broker that thinks a worker is dead hands the same timer to a second one: people are called twice.

What holds here: the timer is a row, and the message in the broker says only "look". Whoever looks second finds
the row done. The doorbells carry nothing, so that a copy that comes an hour late has nothing stale to do.
"""

import inspect

import pytest
from celery import current_app

from core import engines
from tests.failure_modes.engines_for_tests import CASES, MINUTE, Case

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quiet(settings, email):
    settings.MAINSTAY_NUDGES = False


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_timer_that_comes_twice_acts_once(case: Case):
    [row] = case.arrange(1)
    case.drain()
    assert case.done(row) == case.once
    assert case.tick(case.at) == 0
    assert case.tick(case.at - MINUTE) == 0  # the copy knows an older time
    assert case.done(row) == case.once


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_timer_that_comes_early_does_nothing_yet(case: Case):
    [row] = case.arrange(1)
    if case.name in {"posts", "changes"}:
        pytest.skip("what has arrived is due at once")
    before = case.done(row)
    assert case.tick(case.at - 2 * MINUTE) == 0
    assert case.done(row) == before


def test_doorbells_carry_nothing():
    current_app.loader.import_default_modules()
    carried = {
        engine.name: [
            name
            for name in inspect.signature(current_app.tasks[engine.task].run).parameters
            if name != "self"
        ]
        for engine in engines.ENGINES.values()
    }
    assert carried == {name: [] for name in engines.ENGINES}
