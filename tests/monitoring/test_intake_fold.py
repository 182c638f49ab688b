"""Readings fold into alerts; only transitions speak."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from monitoring.domain.intake import event_time, tick
from monitoring.models import Alert, AlertChange, AlertOccurrence, RawDelivery
from monitoring.types import Signal
from tests.make import NOW
from tests.monitoring import make
from tests.monitoring.payloads import data

pytestmark = pytest.mark.django_db


def generic(**fields) -> bytes:
    return json.dumps({"id": "a", **fields}).encode()


def test_a_first_firing_is_one_alert_and_one_change():
    door = make.integration("generic")

    make.take(door, generic(title="GPU lost", severity="page", starts_at="2026-03-04T07:59:00Z"))

    alert = make.alert()
    assert (alert.status, alert.severity, alert.title, alert.count, alert.episodes) == (
        "firing",
        "critical",
        "GPU lost",
        1,
        1,
    )
    assert alert.starts_at == alert.event_at == datetime(2026, 3, 4, 7, 59, tzinfo=UTC)
    assert alert.first_seen_at == alert.last_seen_at == NOW
    assert make.changes() == ["fired"]


def test_fifty_repeats_only_count():
    door = make.integration()

    make.take(door, *["alertmanager/firing"] * 50)

    assert list(Alert.objects.values_list("count", flat=True)) == [50, 50]
    assert make.changes() == ["fired", "fired"]
    assert AlertOccurrence.objects.count() == 100
    assert RawDelivery.objects.filter(state="done", signals=2).count() == 50


def test_a_mixed_group_resolves_one_and_leaves_the_other():
    door = make.integration()

    make.take(door, "alertmanager/firing", "alertmanager/partial-resolve")

    by_region = {alert.labels["region"]: alert for alert in Alert.objects.all()}
    assert (by_region["eu"].status, by_region["us"].status) == ("resolved", "firing")
    assert by_region["eu"].ends_at == datetime(2026, 3, 4, 7, 40, tzinfo=UTC)
    assert make.changes() == ["fired", "fired", "resolved"]


def test_a_late_firing_does_not_reopen_a_newer_resolved():
    door = make.integration()

    make.take(door, "alertmanager/firing", "alertmanager/resolved", "alertmanager/firing")

    assert set(Alert.objects.values_list("status", "count")) == {("resolved", 3)}
    assert make.changes() == ["fired", "fired", "resolved", "resolved"]
    assert AlertOccurrence.objects.filter(note="late: older than what is known").count() == 2


def test_a_firing_that_arrives_after_the_only_resolve_opens_nothing():
    door = make.integration()

    make.take(door, "alertmanager/resolved", "alertmanager/firing")

    assert set(Alert.objects.values_list("status", "episodes")) == {("resolved", 0)}
    assert make.changes() == []


def test_a_firing_with_a_newer_start_opens_it_again():
    door = make.integration()

    make.take(door, "alertmanager/firing", "alertmanager/resolved", "alertmanager/firing-again")

    alert = make.alert(labels__region="eu")
    assert (alert.status, alert.episodes, alert.ends_at) == ("firing", 2, None)
    assert alert.starts_at == datetime(2026, 3, 4, 7, 55, 10, 500_000, tzinfo=UTC)
    assert make.changes() == ["fired", "fired", "resolved", "resolved", "refired"]


def test_a_resolve_of_an_earlier_episode_does_not_end_the_present_one():
    door = make.integration()

    make.take(door, "alertmanager/firing-again", "alertmanager/resolved")

    assert make.alert(labels__region="eu").status == "firing"


def test_a_resolve_in_the_same_instant_wins_whatever_the_order():
    same = "2026-03-04T07:00:00Z"
    firing, resolved = generic(event_at=same), generic(status="resolved", event_at=same)

    make.take(make.integration("generic"), firing, resolved)
    make.take(make.integration("generic"), resolved, firing)

    assert list(Alert.objects.values_list("status", flat=True)) == ["resolved", "resolved"]


def test_a_resolve_says_nothing_about_what_the_alert_is():
    door = make.integration("generic")

    make.take(
        door, generic(title="GPU lost", severity="critical", labels={"node": "7"}), generic(status="resolved")
    )

    alert = make.alert()
    assert (alert.title, alert.severity, alert.labels) == ("GPU lost", "critical", {"node": "7"})


def test_a_newer_repeat_brings_what_it_knows():
    door = make.integration("generic")

    make.take(
        door,
        generic(title="p95 is 300 ms", severity="warning"),
        generic(title="p95 is 900 ms", severity="critical"),
    )

    alert = make.alert()
    assert (alert.title, alert.severity, alert.starts_at) == ("p95 is 900 ms", "critical", NOW)
    assert make.changes() == ["fired", "worse"]


def test_without_times_the_order_of_arrival_counts():
    door = make.integration("generic")

    make.take(door, generic(), generic(status="resolved"), generic(), generic(status="no_data"), generic())

    assert make.changes() == ["fired", "resolved", "refired", "no_data", "refired"]
    assert make.alert().episodes == 3


def test_a_vanished_series_is_said_on_alert_and_change():
    door = make.integration("grafana")

    make.take(door, "grafana/firing", "grafana/resolved-missing-series")

    alert = make.alert()
    assert (alert.status, alert.resolve_reason) == ("resolved", "missing_series")
    # the resolve claimed its end as its start; the start that was known is kept
    assert alert.starts_at == datetime(2026, 3, 4, 7, 5, tzinfo=UTC)
    assert AlertChange.objects.get(kind="resolved").detail == "missing_series"


def test_firing_again_forgets_why_it_ended():
    door = make.integration("grafana")
    again = data("grafana/firing")
    again["alerts"][0]["startsAt"] = "2026-03-04T07:50:00Z"

    make.take(door, "grafana/firing", "grafana/resolved-missing-series", json.dumps(again).encode())

    assert (make.alert().status, make.alert().resolve_reason) == ("firing", "")


def test_a_time_far_in_the_future_does_not_hide_later_readings():
    door = make.integration("generic")

    make.take(door, generic(status="resolved", ends_at="2100-01-01T00:00:00Z"), generic())

    assert (make.alert().status, make.alert().event_at) == ("firing", NOW + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("source_says", "taken"),
    [
        (None, NOW),
        (NOW - timedelta(days=3), NOW - timedelta(days=3)),
        (NOW + timedelta(hours=3), NOW + timedelta(hours=3)),
        (NOW + timedelta(days=2), NOW),
    ],
)
def test_event_time(source_says, taken):
    assert event_time(Signal("a", "firing", "A", event_at=source_says), NOW) == taken


def test_the_same_identity_of_two_integrations_is_two_alerts():
    make.take(make.integration("generic"), generic())
    make.take(make.integration("generic"), generic())

    assert Alert.objects.count() == 2


def test_heartbeat_and_truncation_stand_on_the_delivery():
    door = make.integration()

    make.take(door, "alertmanager/watchdog", "alertmanager/truncated")

    heartbeat, truncated = RawDelivery.objects.order_by("pk")
    assert (heartbeat.state, heartbeat.signals, heartbeat.reason) == ("done", 0, "heartbeat")
    assert (truncated.signals, truncated.truncated) == (1, 37)
    assert make.changes() == ["fired"]


def test_last_received_is_remembered():
    door = make.integration()

    make.take(door, "alertmanager/firing")

    door.refresh_from_db()
    assert door.last_received_at == NOW


def test_an_idle_tick_does_nothing():
    assert tick(NOW) == 0


def test_one_that_gets_worse_while_it_fires_has_changed():
    door = make.integration("generic")

    make.take(
        door,
        generic(severity="info", starts_at="2026-03-04T07:00:00Z"),
        generic(severity="warning", starts_at="2026-03-04T07:00:00Z"),
        generic(severity="warning", starts_at="2026-03-04T07:00:00Z"),
        generic(severity="page", starts_at="2026-03-04T07:00:00Z"),
        generic(severity="info", starts_at="2026-03-04T07:00:00Z"),
    )

    assert list(AlertChange.objects.order_by("pk").values_list("kind", "detail")) == [
        ("fired", ""),
        ("worse", "info → warning"),
        ("worse", "warning → critical"),
    ]
    assert make.alert().severity == "info"


def test_what_is_older_or_has_ended_makes_nothing_worse():
    door = make.integration("generic")

    make.take(
        door,
        generic(severity="info", starts_at="2026-03-04T07:30:00Z"),
        generic(severity="critical", starts_at="2026-03-04T07:00:00Z"),
        generic(severity="critical", status="resolved", ends_at="2026-03-04T07:40:00Z"),
    )

    assert make.changes() == ["fired", "resolved"]
