"""From alerts to incidents."""

from datetime import timedelta

import pytest

from core.types import person
from incidents.domain import clocks, intake, lifecycle
from incidents.models import Incident
from monitoring.models import AlertChange
from notifications.models import Message
from rotas.models import EscalationRun
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def drain(now=NOW) -> int:
    total = 0
    while done := intake.tick(now):
        total += done
    return total


def test_an_alert_opens_an_incident_with_severity_by_tier_and_urgency():
    service = make.service(tier=1)
    make.alert(service, title="Scores stuck at the fallback", severity="critical")
    drain()
    incident = Incident.objects.get()
    assert (incident.title, incident.severity, incident.source) == (
        "Scores stuck at the fallback",
        "SEV1",
        "alert",
    )
    assert incident.alert_links.count() == 1
    assert not AlertChange.objects.filter(handled_at=None).exists()


def test_alerts_of_one_service_join_its_open_incident():
    service = make.service()
    make.alert(service)
    make.alert(service, at=NOW + 5 * MINUTE)
    drain(NOW + 5 * MINUTE)
    assert Incident.objects.get().alert_links.count() == 2


def test_after_the_window_a_new_incident_is_opened():
    service = make.service()
    make.alert(service)
    drain()
    make.alert(service)
    drain(NOW + timedelta(hours=2))
    assert Incident.objects.count() == 2


def test_two_services_have_two_incidents():
    make.alert(make.service())
    make.alert(make.service())
    drain()
    assert Incident.objects.count() == 2


def test_a_worse_alert_raises_the_severity():
    service = make.service(tier=1)
    make.alert(service, severity="warning")
    make.alert(service, severity="critical")
    drain()
    assert Incident.objects.get().severity == "SEV1"


def test_the_last_resolve_ends_the_incident_where_the_service_says_so():
    service = make.service(auto_resolve=True)
    first, second = make.alert(service), make.alert(service)
    drain()
    make.change(first, "resolved")
    drain()
    assert Incident.objects.get().state == "new"
    make.change(second, "resolved")
    drain()
    incident = Incident.objects.get()
    assert (incident.state, incident.resolution) == ("resolved", "self_healed")


def test_without_auto_resolve_the_incident_stays_open_and_says_so():
    service = make.service(auto_resolve=False)
    alert = make.alert(service, title="Drift")
    drain()
    make.change(alert, "resolved")
    drain()
    incident = Incident.objects.get()
    assert (incident.state, incident.last_entry) == ("new", "Drift: resolved")


def test_vanished_data_is_not_fixed():
    alert = make.alert(make.service(), title="Drift")
    drain()
    make.change(alert, "no_data")
    drain()
    assert Incident.objects.get().state == "new"


def test_a_person_s_incident_is_not_ended_by_a_machine():
    service = make.service()
    alert = make.alert(service)
    mine = make.incident(service=service, source="portal")
    drain()
    make.change(alert, "resolved")
    drain()
    mine.refresh_from_db()
    assert mine.state == "new"


def test_the_same_trouble_back_within_the_window_reopens():
    service = make.service()
    alert = make.alert(service)
    drain()
    make.change(alert, "resolved")
    drain(NOW + MINUTE)
    make.change(alert, "refired")
    drain(NOW + 2 * MINUTE)
    incident = Incident.objects.get()
    assert (incident.state, incident.reopened_count) == ("investigating", 1)


def test_fixed_by_a_person_is_not_reopened_by_an_alert():
    service = make.service()
    alert = make.alert(service)
    drain()
    lifecycle.resolve(Incident.objects.get(), actor=person(make.user()), now=NOW, resolution="fixed")
    make.change(alert, "refired")
    drain(NOW + MINUTE)
    assert Incident.objects.count() == 2


def test_unrouted_and_informing_alerts_open_nothing():
    make.alert(None)
    make.alert(make.service(), severity="info")
    make.alert(make.service(lifecycle="retired"))
    drain()
    assert Incident.objects.count() == 0
    assert not AlertChange.objects.filter(handled_at=None).exists()


def test_transitions_of_one_alert_keep_their_order():
    alert = make.alert(make.service())
    make.change(alert, "resolved")
    assert intake.tick(NOW, limit=1) == 1
    assert Incident.objects.get().state == "new"
    drain()
    assert Incident.objects.get().state == "resolved"


def test_an_informing_alert_that_gets_worse_opens_an_incident_and_calls():
    ada = make.user()
    make.policy(ada)
    alert = make.alert(make.service(tier=1), severity="info", title="Drift")
    drain()
    alert.severity = "critical"
    alert.save()
    make.change(alert, "worse", detail="info → critical")

    drain()

    incident = Incident.objects.get()
    assert (incident.severity, incident.title) == ("SEV1", "Drift")
    assert incident.entries.get(kind="alert").text == "Drift: got worse (info → critical)"
    assert EscalationRun.objects.get(subject_id=incident.pk).state == "running"


def test_an_alert_that_gets_worse_raises_the_severity_of_its_incident():
    alert = make.alert(make.service(tier=1), severity="warning", title="Drift")
    drain()
    assert Incident.objects.get().severity == "SEV2"
    alert.severity = "critical"
    alert.save()
    make.change(alert, "worse", detail="warning → critical")

    drain()

    incident = Incident.objects.get()
    assert (incident.severity, incident.alert_links.count()) == ("SEV1", 1)
    assert [entry.text for entry in incident.entries.filter(kind="alert").order_by("pk")] == [
        "Drift: fired",
        "Drift: got worse (warning → critical)",
    ]


def test_what_is_told_of_a_major_incident_says_its_severity_so_that_it_is_not_held_back():
    lead = make.user("lead")
    make.alert(make.service(tier=1, owning_team=make.team(lead=lead)), severity="critical")

    drain()

    message = lead.messages.get(kind="incident.major", channel="in_app")
    assert (message.data["severity"], message.data["action"]) == ("SEV1", "incident.acknowledge")


def test_who_left_the_support_organisation_hears_of_no_incident():
    owner, lead = make.user(), make.user("lead")
    service = make.service(owning_team=make.team(lead=lead))
    incident = make.incident(service=service, impact="high", urgency="high")
    lifecycle.assign(incident, actor=person(lead), now=NOW, owner=owner)
    for left in (owner, lead):
        left.messages.all().delete()
        left.role = "stakeholder"
        left.save()

    clocks.tick(NOW + timedelta(days=1))
    lifecycle.resolve(incident, actor=person(make.user()), now=NOW + timedelta(days=1), resolution="fixed")

    assert Message.objects.filter(recipient__in=[owner, lead]).count() == 0
