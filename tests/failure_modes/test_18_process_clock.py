"""The clock of a machine that runs the engines is five minutes wrong.

An engine that asks its own machine pages five minutes early or late, breaks promises that were kept, and on
two machines that differ takes back what the other has just leased. Here the database's clock decides: a process
whose own clock is five minutes ahead or behind does the same as one whose clock is right, to the row.
"""

import os
import subprocess
import sys
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from core import clock
from core.models import EngineTick
from incidents.models import Incident
from notifications.models import Message
from rotas.models import Call, EscalationRun
from tests import make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process]
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def tick_elsewhere(minutes: int) -> list[str]:
    """Every engine ticks once in a process of its own whose clock is off by so many minutes."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = {**os.environ, "DATABASE_URL": urlunsplit(database)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.failure_modes.shifted", str(minutes)],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def on_the_portal_only(name):
    person = make.user(name=name)
    for urgency in ("urgent", "ordinary"):
        person.notification_rules.create(urgency=urgency, channel="in_app", delay_minutes=0, position=0)
    return person


def message(person, due, **fields):
    return Message.objects.create(
        recipient=person,
        channel="in_app",
        kind="test",
        subject="Test",
        dedup_key=f"test:{Message.objects.count()}",
        next_at=due,
        created_at=due,
        **fields,
    )


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_process_whose_clock_is_wrong_does_the_same_to_the_row(minutes):
    amina = on_the_portal_only("Amina")
    make.policy(amina, wait=30)
    promised = make.agreement({"SEV2": (15, 240)})
    began = clock.now()
    late, early = (
        make.incident(service=make.service(agreement=promised), now=began - since)
        for since in (15 * MINUTE + SECOND, 8 * MINUTE)
    )
    # of the other, the next step is due in four minutes, and the warning of its promise too
    EscalationRun.objects.filter(subject_id=early.pk).update(next_at=began + 4 * MINUTE)
    due, waits = message(amina, began - SECOND), message(amina, began + 4 * MINUTE)
    leased = message(amina, began + 4 * MINUTE, state="sending", attempts=1)

    said = tick_elsewhere(minutes)

    ended = clock.now()
    assert said[0] == f"this process is off by {minutes} minutes"
    assert [call.run.subject_id for call in Call.objects.select_related("run")] == [late.pk]
    assert lines(late) == [("call", "Called Amina, named in the policy (step 1 of 1)."), ("clock", "breach")]
    assert lines(early) == []
    states = Message.objects.in_bulk([due.pk, waits.pk, leased.pk])
    assert [states[each.pk].state for each in (due, waits, leased)] == ["sent", "pending", "sending"]
    moments = [
        *EngineTick.objects.values_list("finished_at", flat=True),
        *Call.objects.values_list("at", flat=True),
        states[due.pk].sent_at,
    ]
    assert all(began <= moment <= ended for moment in moments)
    run = EscalationRun.objects.get(subject_id=late.pk)
    assert began <= run.next_at - 30 * MINUTE <= ended


def lines(incident: Incident) -> list[tuple[str, str]]:
    """What the engines said of it: calls by their text, clocks by what happened."""
    entries = incident.entries.filter(kind__in=["call", "clock"]).order_by("kind", "pk")
    return [(entry.kind, entry.data.get("rung") or entry.text) for entry in entries]
