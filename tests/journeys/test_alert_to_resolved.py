"""A real alert becomes a resolved incident: the doors and the engines, with time moved forward."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command

from accounts.models import User
from core import clock
from core.types import person
from incidents.domain import clocks, lifecycle
from incidents.domain import intake as incident_intake
from incidents.models import Incident
from monitoring.domain import intake as alert_intake
from notifications.domain import delivery
from notifications.models import Message
from rotas.domain import escalation
from services.models import Service
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.journey]


@pytest.fixture(autouse=True)
def _movable_time(settings):
    settings.MAINSTAY_TEST_CLOCK = True
    settings.MAINSTAY_NUDGES = False


def tick() -> None:
    """What one second of worker and beat does: every engine until nothing is due."""
    for engine in (alert_intake, incident_intake, clocks, escalation, delivery):
        while engine.tick(clock.now()):
            pass


def forward(minutes: float) -> None:
    clock.shift_by(timedelta(minutes=minutes))
    tick()


def firing(service: Service, status: str = "firing", fingerprint: str = "c0ffee0011223344") -> dict:
    began = clock.now() - timedelta(minutes=1)
    return {
        "version": "4",
        "receiver": "mainstay",
        "status": status,
        "groupKey": "{}:{}",
        "alerts": [
            {
                "status": status,
                "labels": {"alertname": "FeatureStale", "severity": "critical", "service": service.slug},
                "annotations": {"summary": "customer_spend_7d is 3 h stale"},
                "startsAt": began.isoformat(),
                "endsAt": clock.now().isoformat() if status == "resolved" else "0001-01-01T00:00:00Z",
                "generatorURL": "http://prometheus.example/graph",
                "fingerprint": fingerprint,
            }
        ],
    }


def intake_path(capsys, source: str = "alertmanager") -> str:
    call_command("intake_url", source)
    url = capsys.readouterr().out.strip()
    return url[url.index("/api/") :]


def post(client, path: str, body: dict):
    return client.post(path, json.dumps(body), content_type="application/json")


def paged(user: User) -> int:
    return Message.objects.filter(
        recipient=user, kind="incident.page", channel="in_app", state="sent"
    ).count()


def test_nobody_acknowledges_so_the_next_is_called_and_resolving_ends_it(client, capsys):
    alice, bob = make.user(name="Alice A"), make.user(name="Bob B")
    make.policy(alice, bob, wait=5)
    service = make.service(slug="feature-store", tier=1)
    path = intake_path(capsys)

    assert post(client, path, firing(service)).status_code == 202
    tick()
    incident = Incident.objects.get()
    assert (incident.state, incident.severity, paged(alice), paged(bob)) == ("new", "SEV1", 1, 0)

    forward(6)
    assert (paged(alice), paged(bob)) == (1, 1)
    assert incident.clocks.get(kind="acknowledge").breached_at is not None

    incident = lifecycle.acknowledge(incident, actor=person(bob), now=clock.now())
    forward(600)
    assert (paged(alice), paged(bob)) == (1, 1)

    incident = lifecycle.resolve(
        incident, actor=person(bob), now=clock.now(), resolution="fixed", note="backfilled"
    )
    forward(600)
    assert (incident.state, incident.clocks.filter(next_at__isnull=False).count()) == ("resolved", 0)


def test_the_alerts_own_resolve_ends_it_where_the_service_says_so(client, capsys):
    service = make.service(auto_resolve=True)
    path = intake_path(capsys)
    post(client, path, firing(service))
    tick()
    forward(2)
    post(client, path, firing(service, "resolved"))
    tick()
    incident = Incident.objects.get()
    assert (incident.state, incident.resolution) == ("resolved", "self_healed")


def test_a_hundred_repeats_are_one_alert_one_incident_one_page(client, capsys):
    alice = make.user()
    make.policy(alice)
    service = make.service()
    path = intake_path(capsys)
    body = firing(service)
    for _ in range(100):
        assert post(client, path, body).status_code == 202
    tick()
    incident = Incident.objects.get()
    assert [link.alert.count for link in incident.alert_links.select_related("alert")] == [100]
    assert paged(alice) == 1
