"""16. An alert fires, resolves and fires again within seconds; the posts overtake each other, the resolve is
worked last, and the trouble that is there is forgotten.

What holds here: the source's time decides, whatever the order of arrival, and transitions of one alert are
handled in their order. Through the real doors of both engines. Beside this: `tests/monitoring/test_intake_fold.py`
(pairs of readings), `tests/incidents/test_intake.py`.
"""

import json
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from incidents.domain import intake as incident_intake
from incidents.models import Incident
from monitoring.domain import intake as alert_intake
from monitoring.models import Alert, AlertChange, AlertOccurrence, RawDelivery
from rotas.domain import escalation
from rotas.models import EscalationRun
from tests import make
from tests.make import NOW
from tests.monitoring import make as monitoring_make

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
FIRES, RESOLVES = "firing", "resolved"


@pytest.fixture(autouse=True)
def _quiet(settings):
    settings.MAINSTAY_NUDGES = False


def post(service: str, status: str, began: datetime, ended: datetime | None = None) -> bytes:
    """What Alertmanager sends: a firing one has its start, a resolved one its end besides."""
    alert = {
        "status": status,
        "labels": {"alertname": "ScoresStuck", "severity": "critical", "service": service},
        "annotations": {"summary": "Scores stuck at the fallback"},
        "startsAt": began.isoformat(),
        "endsAt": ended.isoformat() if ended else "0001-01-01T00:00:00Z",
        "fingerprint": "a1b2c3d4e5f60718",
    }
    body = {"version": "4", "status": status, "receiver": "mainstay", "groupKey": "{}", "alerts": [alert]}
    return json.dumps(body).encode()


def history(service: str, flips: int) -> list[bytes]:
    """Posts in the order of what happened: fires at 0 s, resolves at 2 s, fires at 4 s, …"""
    made = []
    for number in range(flips):
        began = NOW + 4 * (number // 2) * SECOND
        over = number % 2 == 1
        made.append(post(service, RESOLVES if over else FIRES, began, began + 2 * SECOND if over else None))
    return made


def arrive(bodies: list[bytes], pace: str) -> None:
    """All come within a second. `pace` says when the engines look: after each, or after all; or incidents late."""
    door = monitoring_make.integration()
    now = NOW + 20 * SECOND
    for body in bodies:
        monitoring_make.arrive(door, body, at=now)
        if pace in {"each", "incidents late"}:
            drain(alert_intake, now)
        if pace == "each":
            drain(incident_intake, now)
    drain(alert_intake, now)
    drain(incident_intake, now)
    drain(escalation, now)


def drain(engine, now: datetime) -> None:
    while engine.tick(now):
        pass


@pytest.mark.parametrize("pace", ["each", "all at once", "incidents late"])
@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_what_fires_last_is_open_and_somebody_is_called(order, pace):
    amina = make.user()
    make.policy(amina, amina)
    service = make.service(auto_resolve=True)
    posts = history(service.slug, 3)
    arrive([posts[index] for index in order], pace)
    alert = Alert.objects.get()
    assert (alert.status, alert.count, alert.event_at) == (FIRES, 3, NOW + 4 * SECOND)
    incident = Incident.objects.get()
    assert incident.is_open
    assert EscalationRun.objects.filter(subject_id=incident.pk, state="running").exists()
    assert amina.messages.filter(kind="incident.page", channel="in_app").exists()
    assert not AlertChange.objects.filter(handled_at=None).exists()
    assert AlertOccurrence.objects.count() == RawDelivery.objects.filter(state="done").count() == 3


@pytest.mark.parametrize("pace", ["each", "all at once", "incidents late"])
@pytest.mark.parametrize("order", list(permutations(range(4)))[::3], ids=str)
def test_what_resolves_last_is_over_and_nobody_is_called_any_more(order, pace):
    make.policy(make.user())
    service = make.service(auto_resolve=True)
    posts = history(service.slug, 4)
    arrive([posts[index] for index in order], pace)
    assert Alert.objects.get().status == RESOLVES
    assert [incident.state for incident in Incident.objects.all()] in ([], ["resolved"])
    assert not EscalationRun.objects.filter(state="running").exists()


def test_a_second_beginning_is_not_lost_because_it_came_with_the_first_ones_resolve():
    make.policy(make.user())
    service = make.service(auto_resolve=True)
    first, over, second = history(service.slug, 3)
    arrive([first], "each")
    incident = Incident.objects.get()
    door = Alert.objects.get().integration
    now = NOW + 30 * SECOND
    for body in (second, over):  # the new beginning overtook the end
        monitoring_make.arrive(door, body, at=now)
    drain(alert_intake, now)
    drain(incident_intake, now)
    incident.refresh_from_db()
    assert (incident.state, Alert.objects.get().status) == ("new", FIRES)
