"""Following a runbook."""

from datetime import timedelta

import pytest

from core.errors import Invalid
from runbooks.domain.runs import start, tick, untick
from runbooks.models import Runbook, RunbookStep
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def runbook():
    made = Runbook.objects.create(slug="drift", title="Drift", version=3)
    for position, text in enumerate(["Look", "Compare", "Tell"], start=1):
        RunbookStep.objects.create(runbook=made, position=position, text=text, detail=f"{text}!")
    return made


def ticks(run):
    return [(mark.position, mark.user, mark.at) for mark in run.ticks.all()]


def test_steps_are_stamped_so_that_an_edit_changes_nothing(runbook):
    run = start(runbook, now=NOW)
    runbook.steps.all().delete()
    run.refresh_from_db()
    assert run.steps == [
        {"text": "Look", "detail": "Look!"},
        {"text": "Compare", "detail": "Compare!"},
        {"text": "Tell", "detail": "Tell!"},
    ]
    assert (run.runbook_version, run.started_at) == (3, NOW)


def test_the_first_tick_stays(runbook):
    alice, bob = make.user(), make.user()
    run = start(runbook, now=NOW)
    assert tick(run, 1, user=alice, now=NOW) is True
    assert tick(run, 1, user=bob, now=NOW + timedelta(minutes=1)) is False
    assert ticks(run) == [(1, alice, NOW)]


def test_a_tick_is_taken_back_once(runbook):
    run = start(runbook, now=NOW)
    tick(run, 0, user=None, now=NOW)
    assert [untick(run, 0), untick(run, 0), ticks(run)] == [True, False, []]


@pytest.mark.parametrize("position", [-1, 3])
def test_a_step_that_is_not_there_is_refused(runbook, position):
    run = start(runbook, now=NOW)
    with pytest.raises(Invalid):
        tick(run, position, user=None, now=NOW)
    with pytest.raises(Invalid):
        untick(run, position)
