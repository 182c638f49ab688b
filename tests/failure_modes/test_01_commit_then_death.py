"""A process dies between its commit and the wake-up of the next engine (`kill -9`). Nothing is lost.

What must happen later is a row; the ring only makes it happen sooner.
"""

import json
import os
import signal
import warnings
from collections.abc import Callable

import pytest
from django.db import connection

from config.celery import app
from core import nudge
from core.engines import ENGINES
from incidents.domain import intake as incidents
from incidents.models import Clock, Incident
from monitoring.domain import intake
from monitoring.models import AlertChange, RawDelivery
from notifications.domain import delivery
from notifications.models import Message
from rotas.domain import escalation
from rotas.models import Call, EscalationRun
from tests import make
from tests.make import NOW
from tests.monitoring import make as machines

pytestmark = pytest.mark.django_db(transaction=True)


def dies_before_it_rings(work: Callable[[], object]) -> None:
    """Do the work in a process of its own, which is killed at its first ring: after the commit, before the wake-up."""
    connection.close()
    connection.close_pool()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside threads: the child does little
        pid = os.fork()
    if pid == 0:
        try:
            nudge.send = lambda _task: os.kill(os.getpid(), signal.SIGKILL)
            work()
        finally:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status), "it ended without a ring"
    assert os.WTERMSIG(status) == signal.SIGKILL


def rows() -> dict[str, int]:
    models = (RawDelivery, AlertChange, Incident, Clock, EscalationRun, Call, Message)
    return {model.__name__: model.objects.count() for model in models}


def test_every_engine_may_die_before_it_wakes_the_next_one():
    person = make.user()
    make.policy(person)
    service = make.service()
    door = machines.integration("generic")
    body = json.dumps({"id": "drift", "title": "Scores drift", "service": service.slug}).encode()

    dies_before_it_rings(lambda: machines.arrive(door, body))
    dies_before_it_rings(lambda: intake.tick(NOW))
    dies_before_it_rings(lambda: incidents.tick(NOW))
    dies_before_it_rings(lambda: escalation.tick(NOW))
    delivery.tick(NOW)

    assert sorted(person.messages.filter(kind="incident.page").values_list("channel", "state")) == [
        ("email", "held"),
        ("in_app", "sent"),
    ]
    counted = {"RawDelivery": 1, "AlertChange": 1, "Incident": 1, "Clock": 2, "EscalationRun": 1, "Call": 1}
    assert rows() == counted | {"Message": 2}

    for tick in (intake.tick, incidents.tick, escalation.tick, delivery.tick):
        assert tick(NOW) == 0
    assert rows() == counted | {"Message": 2}


def test_every_engine_is_swept_in_its_time_whoever_rings_or_does_not():
    periods = {
        entry["task"]: entry["schedule"].run_every.total_seconds()
        for entry in app.conf.beat_schedule.values()
    }
    assert {engine.task: periods.get(engine.task) for engine in ENGINES.values()} == {
        engine.task: engine.every for engine in ENGINES.values()
    }
