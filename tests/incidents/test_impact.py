"""What people say of an incident's impact counts against the service's time up, until the incident ends it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core import clock
from core.errors import IllegalState, Invalid
from core.types import person
from incidents.domain import lifecycle
from incidents.domain.impact import proposal
from incidents.models import Entry
from services.models import ImpactWindow
from services.queries.objectives import standing_of
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def alice():
    return person(make.user(name="Alice"))


def say(incident, alice, effect="down", now=NOW + HOUR, **more):
    return lifecycle.impact(incident, actor=alice, now=now, effect=effect, **more)


def windows():
    rows = ImpactWindow.objects.order_by("starts_at")
    return [
        (
            (row.starts_at - NOW) // MINUTE,
            row.ends_at and (row.ends_at - NOW) // MINUTE,
            row.effect,
            row.share,
        )
        for row in rows
    ]


def lines(incident):
    return list(Entry.objects.filter(incident=incident, kind="impact").values_list("text", flat=True))


def test_it_goes_on_from_the_beginning_until_it_is_mitigated(alice):
    incident = make.incident()
    say(incident, alice)
    assert windows() == [(0, None, "down", 100)]
    row = ImpactWindow.objects.get()
    assert (row.service, row.incident_id, row.incident_ref) == (incident.service, incident.pk, incident.ref)
    lifecycle.mitigate(incident, actor=alice, now=NOW + 90 * MINUTE)
    assert windows() == [(0, 90, "down", 100)]
    assert lines(incident) == ["Alice said: the service is down, for 1 h so far", "The impact ended"]


def test_it_ends_when_the_incident_is_resolved(alice):
    incident = say(make.incident(), alice, "degraded", share=Decimal("12.5"))
    lifecycle.resolve(incident, actor=alice, now=NOW + 2 * HOUR)
    assert windows() == [(0, 120, "degraded", Decimal("12.5"))]
    lifecycle.reopen(incident, actor=alice, now=NOW + 3 * HOUR)
    assert windows() == [(0, 120, "degraded", Decimal("12.5"))]


def test_nothing_counts_until_somebody_says_so(alice):
    incident = make.incident(impact="high", urgency="high")
    lifecycle.mitigate(incident, actor=alice, now=NOW + HOUR)
    assert windows() == []
    assert lines(incident) == []


def test_of_an_incident_that_is_over_it_lasted_until_then(alice):
    incident = make.incident()
    lifecycle.resolve(incident, actor=alice, now=NOW + 30 * MINUTE)
    say(incident, alice, now=NOW + 24 * HOUR)
    assert windows() == [(0, 30, "down", 100)]


def test_what_is_said_last_holds(alice):
    incident = make.incident()
    say(incident, alice)
    say(incident, alice, "degraded", share=20, starts_at=NOW + 40 * MINUTE)
    assert windows() == [(0, 40, "down", 100), (40, None, "degraded", 20)]
    say(incident, alice, "none", starts_at=NOW + 10 * MINUTE, ends_at=NOW + 50 * MINUTE)
    assert windows() == [(0, 10, "down", 100), (50, None, "degraded", 20)]
    say(incident, alice, "none")
    assert windows() == []


def test_the_same_said_twice_changes_nothing(alice):
    incident = say(make.incident(), alice)
    before = incident.version
    assert say(incident, alice, now=NOW + 2 * HOUR).version == before
    assert len(lines(incident)) == 1


def test_another_incidents_windows_stay(alice):
    service = make.service()
    one, two = make.incident(service=service), make.incident(service=service)
    say(one, alice), say(two, alice, "none")
    assert windows() == [(0, None, "down", 100)]


def test_a_cancelled_incident_hurt_nobody(alice):
    incident = say(make.incident(), alice)
    lifecycle.cancel(incident, actor=alice, now=NOW + HOUR, reason="A test")
    assert windows() == []
    with pytest.raises(IllegalState):
        say(incident, alice)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"effect": "odd"}, "effect"),
        ({"effect": ""}, "effect"),
        ({"effect": "degraded", "share": Decimal(0)}, "share"),
        ({"effect": "degraded", "share": Decimal(101)}, "share"),
        ({"effect": "degraded", "share": "many"}, "share"),
        ({"starts_at": NOW + 2 * HOUR}, "starts_at"),
        ({"ends_at": NOW + 2 * HOUR}, "ends_at"),
        ({"ends_at": NOW}, "ends_at"),
        ({"starts_at": NOW - 60 * 366 * 24 * HOUR}, "starts_at"),
    ],
)
def test_what_makes_no_sense_is_refused(alice, fields, fault):
    incident = make.incident()
    with pytest.raises(Invalid) as refusal:
        say(incident, alice, **{"effect": "down", **fields})
    assert fault in refusal.value.fields
    assert windows() == []


@pytest.mark.parametrize(
    ("severity", "effect", "share"), [("SEV1", "down", 100), ("SEV2", "degraded", 50), ("SEV4", "none", 0)]
)
def test_severity_proposes(severity, effect, share):
    incident = make.incident(impact="", urgency="", severity=severity)
    found = proposal(incident, NOW + HOUR)
    assert (found["effect"], found["share"], found["starts_at"], found["ends_at"]) == (
        effect,
        share,
        NOW,
        None,
    )


def test_after_a_reopening_the_proposal_begins_now(alice):
    incident = say(make.incident(), alice)
    lifecycle.resolve(incident, actor=alice, now=NOW + HOUR)
    lifecycle.reopen(incident, actor=alice, now=NOW + 2 * HOUR)
    incident.refresh_from_db()
    assert proposal(incident, NOW + 3 * HOUR)["starts_at"] == NOW + 3 * HOUR


def test_it_spends_the_budget_of_an_availability_objective(alice):
    objective = make.objective(indicator="availability", unit="")
    say(make.incident(service=objective.service), alice, "degraded", share=50)
    assert standing_of(objective, NOW + HOUR).tally.bad == 1800


def test_by_the_portal_and_by_the_api(client):
    bob = make.user()
    incident = make.incident(now=clock.now() - HOUR)
    client.force_login(bob)
    page = client.get(f"/incidents/{incident.ref}/")
    assert 'id="do-impact"' in page.content.decode()
    done = client.post(f"/incidents/{incident.ref}/impact/", {"effect": "degraded", "share": "25"})
    assert done.status_code == 302
    assert ImpactWindow.objects.get().share == 25
    answer = client.post(
        f"/api/v1/incidents/{incident.ref}/impact/",
        {"effect": "down", "starts_at": incident.started_at.isoformat()},
        "application/json",
    )
    assert (answer.status_code, ImpactWindow.objects.get().effect) == (200, "down")
    missing = client.post(f"/api/v1/incidents/{incident.ref}/impact/", {}, "application/json")
    assert (missing.status_code, list(missing.json()["error"]["fields"])) == (400, ["effect"])
    odd = client.post(
        f"/api/v1/incidents/{incident.ref}/impact/", {"effect": "down", "step": 1}, "application/json"
    )
    assert odd.status_code == 400


def test_times_are_typed_by_the_readers_clock(client):
    bob = make.user(site=make.site(zone="Asia/Kathmandu"))
    incident = make.incident(now=NOW, started_at=NOW)
    client.force_login(bob)
    assert 'value="2026-03-04T13:45"' in client.get(f"/incidents/{incident.ref}/impact/").content.decode()
    form = {"effect": "down", "starts_at": "2026-03-04T14:00", "ends_at": "2026-03-04T14:30"}
    assert client.post(f"/incidents/{incident.ref}/impact/", form).status_code == 302
    assert windows() == [(15, 45, "down", 100)]


def test_stakeholders_do_not_say_it(client):
    alice = make.user("stakeholder")
    incident = make.incident(service=make.service(client=make.client_((alice,))), now=clock.now())
    client.force_login(alice)
    assert client.post(f"/incidents/{incident.ref}/impact/", {"effect": "down"}).status_code == 403
    assert windows() == []
