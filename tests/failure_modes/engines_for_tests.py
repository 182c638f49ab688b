"""The engines as the failure modes see them: what is due, how it is ticked, what it did, what to lock.

Each case makes things due at `at`, one after the other, and tells what became of them, item by item, so that
"each once" can be said as an equality.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model

from incidents.domain import clocks
from incidents.domain import intake as incident_intake
from incidents.models import Clock, Entry, Incident
from monitoring.domain import intake as alert_intake
from monitoring.models import AlertChange, AlertOccurrence, RawDelivery
from notifications.domain import delivery
from notifications.models import DeliveryAttempt, Message
from rotas.domain import escalation
from rotas.models import Call, EscalationRun
from tests import make
from tests.make import NOW
from tests.monitoring import make as monitoring_make
from tests.notifications.messages import tell

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Case:
    """One engine. `arrange(n)` makes `n` things due at `at` and gives their rows; `done(row)` counts the effects
    on one of them; `rows` are what a worker may hold while it works on one, by name."""

    name: str
    tick: Callable[[datetime], int]
    arrange: Callable[[int], Sequence[Model]]
    done: Callable[[Any], Any]
    once: Any
    at: datetime = NOW
    rows: dict[str, Callable[[Any], Model]] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name

    def drain(self) -> None:
        """Until nothing is due."""
        while self.tick(self.at):
            pass


def _posts(n: int) -> list[RawDelivery]:
    """Each from a sender of its own, each with one alert."""
    keys = []
    for index in range(n):
        door = monitoring_make.integration("generic")
        body = {"title": f"Alert {index}", "id": f"a{index}", "status": "firing"}
        keys.append(monitoring_make.arrive(door, json.dumps(body).encode()))
    return [RawDelivery.objects.get(pk=key) for key in keys]


def _changes(n: int) -> list[AlertChange]:
    """Each of a service of its own."""
    return [make.alert(make.service()).changes.get() for _ in range(n)]


def _opened(change: AlertChange) -> tuple[int, int]:
    incidents = Incident.objects.filter(service=change.alert.service)
    return incidents.count(), Entry.objects.filter(incident__in=incidents, kind="opened").count()


def _clocks(n: int) -> list[Clock]:
    """Acknowledge promises that are due to warn; nobody is called about these incidents."""
    return [make.incident().clocks.get(kind="acknowledge") for _ in range(n)]


def _runs(n: int) -> list[EscalationRun]:
    make.policy(make.user(), make.user())
    made = [make.incident() for _ in range(n)]
    return [EscalationRun.objects.get(subject_id=incident.pk) for incident in made]


def _called(run: EscalationRun) -> tuple[int, int]:
    """People called, and the messages to them by e-mail."""
    ref = f"INC-{run.subject_id}"
    return Call.objects.filter(run=run, outcome="called").count(), Message.objects.filter(
        about_ref=ref, kind="incident.page", channel="email"
    ).count()


def _messages(n: int) -> list[Message]:
    """E-mails, each to somebody else."""
    people = [make.user() for _ in range(n)]
    tell(*people)
    return [person.messages.get(channel="email") for person in people]


def _left(message: Message) -> tuple[str, int]:
    message.refresh_from_db()
    return message.state, DeliveryAttempt.objects.filter(message_id=message.pk).count()


CASES = [
    Case(
        "posts",
        alert_intake.tick,
        _posts,
        lambda row: AlertOccurrence.objects.filter(delivery_id=row.pk).count(),
        once=1,
        rows={"post": lambda row: row},
    ),
    Case(
        "changes",
        incident_intake.tick,
        _changes,
        _opened,
        once=(1, 1),
        rows={"change": lambda row: row},
    ),
    Case(
        "clocks",
        clocks.tick,
        _clocks,
        lambda row: Entry.objects.filter(incident=row.incident, kind="clock").count(),
        once=1,
        at=NOW + 12 * MINUTE,
        rows={"clock": lambda row: row, "incident": lambda row: row.incident},
    ),
    Case(
        "runs",
        escalation.tick,
        _runs,
        _called,
        once=(1, 1),
        rows={"run": lambda row: row, "incident": lambda row: Incident.objects.get(pk=row.subject_id)},
    ),
    Case(
        "messages",
        delivery.tick,
        _messages,
        _left,
        once=("sent", 1),
        rows={"message": lambda row: row},
    ),
]
