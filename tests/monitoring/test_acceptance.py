"""What must hold with the posts that tools really send, from the door to the incident.

Each test posts, lets the engines tick, and looks at alerts, incidents and pages as people would.
"""

import json
from datetime import UTC, datetime, timedelta

import pytest

from core.types import person
from incidents.domain import intake, lifecycle
from incidents.models import Incident
from monitoring.domain.deliveries import receive
from monitoring.domain.intake import tick as fold
from monitoring.models import Alert, RawDelivery
from notifications.models import Message
from rotas.domain import escalation
from tests import make as things
from tests.monitoring import make
from tests.monitoring.payloads import data, sample

pytestmark = pytest.mark.django_db
# The samples were taken on this morning.
AT = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Portal:
    """One tool with its door, one service that its alerts belong to, somebody on call."""

    def __init__(self, source: str, **service):
        self.anna = things.user()
        things.policy(self.anna)
        self.service = things.service(slug="under-test", auto_resolve=True, **service)
        self.door = make.integration(source, service=self.service)
        self.now = AT

    def take(self, *posts, later=MINUTE):
        """Posts arrive one after the other; the engines work each."""
        for post in posts:
            body = sample(post) if isinstance(post, str) else json.dumps(post).encode()
            receive(self.door, body, headers={}, delivery_id="", address=None, now=self.now)
            self.work()
            self.now += later

    def wait(self, minutes):
        self.now += minutes * MINUTE
        self.work()

    def work(self):
        for engine in (fold, intake.tick, escalation.tick):
            while engine(self.now):
                pass

    def pages(self):
        return Message.objects.filter(kind="incident.page", channel="in_app").count()


def lines(incident):
    return list(incident.entries.filter(kind="alert").order_by("pk").values_list("text", flat=True))


def changed(path, **fields):
    """A sample with fields of its alerts changed."""
    body = data(path)
    for alert in body["alerts"]:
        alert.update(fields)
    return body


def test_mixed_group_one_signal_closes_the_other_stays_open_in_one_incident():
    portal = Portal("alertmanager")

    portal.take("alertmanager/firing", "alertmanager/partial-resolve")

    incident = Incident.objects.get()
    assert (incident.state, incident.alert_links.count()) == ("new", 2)
    assert sorted(Alert.objects.values_list("status", flat=True)) == ["firing", "resolved"]


def test_lost_resolve_and_repeated_firing_count_twice_without_a_second_incident_or_page():
    portal = Portal("alertmanager")

    portal.take("alertmanager/firing", "alertmanager/firing")

    assert set(Alert.objects.values_list("count", "episodes")) == {(2, 1)}
    assert (Incident.objects.count(), portal.pages()) == (1, 1)


def test_late_firing_with_the_same_start_stays_resolved():
    portal = Portal("alertmanager")

    portal.take("alertmanager/firing", "alertmanager/resolved", "alertmanager/firing")

    assert set(Alert.objects.values_list("status", flat=True)) == {"resolved"}
    assert (Incident.objects.get().state, portal.pages()) == ("resolved", 1)


def test_out_of_order_resolved_then_firing_with_the_same_start_opens_nothing():
    portal = Portal("alertmanager")

    portal.take("alertmanager/resolved", "alertmanager/firing")

    assert set(Alert.objects.values_list("status", flat=True)) == {"resolved"}
    assert Incident.objects.count() == 0


def test_firing_with_a_newer_start_reopens():
    portal = Portal("alertmanager")

    portal.take("alertmanager/firing", "alertmanager/resolved", "alertmanager/firing-again")

    incident = Incident.objects.get()
    assert (incident.state, incident.reopened_count) == ("investigating", 1)
    assert make.alert(labels__region="eu").status == "firing"


def test_truncation_resolves_nothing_and_the_operator_sees_how_many_more(client):
    portal = Portal("alertmanager")
    portal.take("alertmanager/firing", "alertmanager/truncated")

    row = RawDelivery.objects.order_by("-pk").first()
    client.force_login(things.user("lead"))
    shown = client.get(f"/alerts/parked/{row.pk}/").content.decode()

    assert row.truncated == 37
    assert "37 more" in shown
    assert not Alert.objects.exclude(status="firing").exists()
    assert Incident.objects.get().state == "new"


def test_grafana_v12_resolve_matches_on_the_fingerprint_and_is_not_called_fixed():
    portal = Portal("grafana")

    portal.take("grafana/firing", "grafana/resolved-missing-series")

    alert, incident = Alert.objects.get(), Incident.objects.get()
    assert (alert.status, alert.resolve_reason, alert.count) == ("resolved", "missing_series", 2)
    assert incident.state == "new"
    assert lines(incident)[-1] == f"{alert.title}: has no data: that is not “fixed”"


def test_no_data_is_tied_to_the_open_incident_of_its_rule():
    portal = Portal("grafana")

    portal.take("grafana/firing", "grafana/nodata")

    incident = Incident.objects.get()
    blind = Alert.objects.get(status="no_data")
    assert set(incident.alert_links.values_list("alert__status", flat=True)) == {"firing", "no_data"}
    assert lines(incident)[-1] == f"{blind.title}: has no data: that is not “fixed”"
    assert (incident.state, portal.pages()) == ("new", 1)


def test_no_data_is_tied_whatever_the_join_window(settings):
    settings.MAINSTAY_JOIN_WINDOW_MINUTES = 1
    portal = Portal("grafana")
    portal.take("grafana/firing", later=3 * 60 * MINUTE)

    portal.take("grafana/nodata")

    assert Incident.objects.get().alert_links.count() == 2


def test_no_data_that_repeats_and_lasts_pages_nobody_again():
    portal = Portal("grafana")
    portal.take(changed("grafana/firing"), *["grafana/nodata"] * 10)
    portal.wait(60)

    assert (Incident.objects.count(), portal.pages()) == (1, 1)
    assert len([line for line in lines(Incident.objects.get()) if "no data" in line]) == 1


def test_the_real_alert_s_end_leaves_the_incident_open_while_its_rule_is_blind():
    portal = Portal("grafana")
    portal.take("grafana/firing", "grafana/nodata", "grafana/resolved")
    assert Incident.objects.get().state == "new"

    portal.take(changed("grafana/nodata", status="resolved", endsAt="2026-03-04T07:50:00Z"))

    incident = Incident.objects.get()
    assert (incident.state, incident.resolution) == ("resolved", "self_healed")


def test_data_that_comes_back_ends_the_incident_of_a_series_that_vanished():
    portal = Portal("grafana")
    portal.take("grafana/firing", "grafana/nodata", "grafana/resolved-missing-series")
    assert Incident.objects.get().state == "new"

    back = changed("grafana/nodata", status="resolved", endsAt="2026-03-04T07:50:00Z")
    back["alerts"][0]["annotations"]["grafana_state_reason"] = "MissingSeries"
    portal.take(back)

    assert Incident.objects.get().state == "resolved"


def test_data_that_comes_back_and_is_bad_keeps_the_incident_open():
    portal = Portal("grafana")
    portal.take("grafana/firing", "grafana/nodata", "grafana/resolved-missing-series")

    again = changed("grafana/firing", startsAt="2026-03-04T07:52:00Z")
    portal.take(again, changed("grafana/nodata", status="resolved", endsAt="2026-03-04T07:53:00Z"))

    incident = Incident.objects.get()
    assert (incident.state, incident.reopened_count) == ("new", 0)
    assert Alert.objects.get(labels__alertname="Feature freshness").status == "firing"


def critical(path):
    """A sample whose rule is a critical one; without its labels where Grafana drops them."""
    body = data(path)
    for alert in body["alerts"]:
        if "severity" in alert["labels"]:
            alert["labels"]["severity"] = "critical"
    return body


def test_a_critical_rule_that_stays_blind_opens_an_incident_of_lower_urgency():
    portal = Portal("grafana", tier=1)
    portal.take(critical("grafana/firing"), "grafana/resolved")
    assert Incident.objects.get().severity == "SEV1"

    portal.take("grafana/nodata")
    portal.wait(10)
    assert Incident.objects.count() == 1  # blind for a moment is nobody's business

    portal.wait(6)

    opened = Incident.objects.order_by("-pk").first()
    assert (opened.title, opened.severity, opened.urgency) == (
        "No data: Feature freshness",
        "SEV2",
        "medium",
    )
    assert lines(opened) == ["No data: Feature freshness: still no data; nobody knows whether it is well"]
    portal.wait(60)
    assert Incident.objects.count() == 2


def test_data_that_comes_back_in_time_opens_nothing():
    portal = Portal("grafana")
    portal.take(critical("grafana/firing"), "grafana/resolved", "grafana/nodata")
    portal.take(changed("grafana/nodata", status="resolved", endsAt="2026-03-04T08:02:00Z"))

    portal.wait(60)

    assert Incident.objects.count() == 1


def test_the_blind_rule_s_incident_ends_when_data_comes_back():
    portal = Portal("grafana")
    portal.take(critical("grafana/firing"), "grafana/resolved", "grafana/nodata")
    portal.wait(20)
    portal.take(changed("grafana/nodata", status="resolved", endsAt="2026-03-04T08:30:00Z"))

    assert set(Incident.objects.values_list("state", flat=True)) == {"resolved"}


def test_a_lesser_rule_that_is_blind_waits_on_the_list():
    portal = Portal("grafana")
    portal.take("grafana/nodata")
    portal.wait(60)

    assert (Incident.objects.count(), Alert.objects.get().status) == (0, "no_data")


def test_no_data_of_a_generic_alert_reaches_its_own_incident():
    portal = Portal("generic")
    portal.take({"id": "a", "title": "Drift", "severity": "critical"}, {"id": "a", "status": "no_data"})
    portal.wait(60)

    incident = Incident.objects.get()
    assert (incident.state, lines(incident)[-1]) == ("new", "Drift: has no data: that is not “fixed”")


def test_no_data_after_a_person_ended_the_incident_is_told_as_new():
    portal = Portal("generic")
    portal.take({"id": "a", "title": "Drift", "severity": "critical"})
    lifecycle.resolve(
        Incident.objects.get(), actor=person(portal.anna), now=portal.now, resolution="no_fault"
    )
    portal.take({"id": "a", "status": "no_data"})
    portal.wait(20)

    assert list(Incident.objects.order_by("pk").values_list("title", "state")) == [
        ("Drift", "resolved"),
        ("No data: Drift", "new"),
    ]


def event(number, **fields):
    """A CloudEvent as a drift monitor sends it."""
    return {
        "specversion": "1.0",
        "id": f"event-{number}",
        "source": "https://monitor.example.org/models/pricing",
        "type": "org.example.model.signal.v1",
        "subject": "pricing/7/income",
        "time": "2026-03-04T07:30:00Z",
        "datacontenttype": "application/json",
        "data": {
            "state": "firing",
            "severity": "critical",
            "kind": "data_drift",
            "dedup_key": "drift:pricing:income",
            "model": "pricing",
            "statistic": {"name": "psi", "value": 0.31, "threshold": 0.2},
            "links": {"report": "https://monitor.example.org/r/1"},
            **fields,
        },
    }


def test_a_cloud_event_is_an_alert_and_its_end_ends_it():
    portal = Portal("generic")

    portal.take(event(1), event(2, state="resolved"))

    alert = Alert.objects.get()
    assert (alert.identity, alert.title, alert.status) == (
        "drift:pricing:income",
        "Data drift (pricing/7/income)",
        "resolved",
    )
    assert (alert.labels["model"], alert.url) == ("pricing", "https://monitor.example.org/r/1")
    assert json.loads(alert.annotations["statistic"])["value"] == 0.31
    assert Incident.objects.get().state == "resolved"


def test_duplicate_delivery_of_a_cloud_event_is_one_event():
    portal = Portal("generic")

    portal.take(event(1), event(1), event(2))

    assert Alert.objects.get().count == 2
    second = RawDelivery.objects.order_by("pk")[1]
    assert (second.state, second.signals, second.reason) == (
        "done",
        0,
        "A post with this id came before; it counts once.",
    )


def test_the_same_id_from_another_source_is_another_event():
    portal = Portal("generic")
    other = {**event(1), "source": "https://other.example.org"}

    portal.take(event(1), other)

    assert Alert.objects.get().count == 2


def test_a_batch_of_cloud_events_is_several_alerts():
    portal = Portal("generic")

    portal.take([event(1), {**event(2), "data": {"id": "other", "title": "Scores late"}}])

    assert set(Alert.objects.values_list("title", flat=True)) == {
        "Data drift (pricing/7/income)",
        "Scores late",
    }


def test_hostile_labels_end_in_one_incident_and_no_error(client):
    portal = Portal("alertmanager")

    portal.take("alertmanager/hostile")

    client.force_login(things.user("lead"))
    shown = client.get(f"/incidents/{Incident.objects.get().ref}/")
    assert shown.status_code == 200
    assert "<script>alert" not in shown.content.decode()
