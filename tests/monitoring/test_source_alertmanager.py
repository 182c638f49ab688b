import json
from datetime import UTC, datetime

import pytest

from monitoring.sources import all_sources, get_source
from monitoring.sources.fingerprint import fingerprint
from monitoring.types import Parsed, UnparsableError
from tests.monitoring.payloads import data, sample


def parse(path: str) -> Parsed:
    return get_source("alertmanager").parse(sample(path), {})


def parse_data(value) -> Parsed:
    return get_source("alertmanager").parse(json.dumps(value).encode(), {})


def test_registry_knows_the_three_sources_and_no_other():
    assert [source.slug for source in all_sources()] == ["alertmanager", "grafana", "generic"]
    assert get_source("nagios") is None


def test_firing_alert_becomes_a_signal():
    signal = parse("alertmanager/firing").signals[0]

    assert signal.status == "firing"
    assert signal.title == "p99 latency of ranking-api in eu is 812 ms (limit 300 ms)"
    assert signal.body == "Five-minute window.\nCompare with the rollout of model version 12."
    assert signal.labels["service"] == "ranking-api"
    assert (signal.severity, signal.severity_raw) == ("critical", "critical")
    # nine fractional digits are cut to microseconds
    assert signal.starts_at == signal.event_at == datetime(2026, 3, 4, 7, 12, 30, 123456, tzinfo=UTC)
    assert signal.ends_at is None
    assert signal.url.startswith("https://prometheus.example.org/")
    assert signal.resolve_reason == ""


def test_each_alert_counts_by_its_own_status_not_the_groups():
    parsed = parse("alertmanager/partial-resolve")

    assert [signal.status for signal in parsed.signals] == ["resolved", "firing"]
    assert parsed.signals[0].event_at == parsed.signals[0].ends_at == datetime(2026, 3, 4, 7, 40, tzinfo=UTC)
    assert parsed.group_key == '{}:{alertname="RankingLatencyHigh"}'


def test_an_alert_keeps_its_identity_from_firing_to_resolved_to_firing_again():
    fired, resolved, again = (
        parse(f"alertmanager/{name}").signals[0].identity for name in ("firing", "resolved", "firing-again")
    )

    assert fired == resolved == again


def test_a_missing_fingerprint_is_computed_as_alertmanager_does():
    assert (
        parse("alertmanager/no-fingerprint").signals[0].identity
        == parse("alertmanager/firing").signals[0].identity
    )


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({}, "cbf29ce484222325"),
        ({"alertname": "alert1", "lbl1": "val1"}, "fac0861a85de433a"),
        ({"lbl1": "val2", "alertname": "alert1"}, "fab6861a85d5eeb5"),
        (
            {
                "job": "node",
                "group": "production",
                "instance": "localhost:8081",
                "severity": "critical",
                "alertname": "InstanceDown",
            },
            "f404ecabc8dd5cd7",
        ),
    ],
)
def test_fingerprint_agrees_with_published_values(labels, expected):
    assert fingerprint(labels) == expected


def test_alerts_that_were_left_out_are_counted_and_said():
    parsed = parse("alertmanager/truncated")

    assert parsed.truncated == 37
    assert parsed.notes == ("37 more alerts were left out of this post; none of them counts as resolved.",)
    assert [signal.status for signal in parsed.signals] == ["firing"]


def test_alerts_beyond_two_thousand_are_counted_not_read():
    post = data("alertmanager/firing")
    post["alerts"] = [{**post["alerts"][0], "fingerprint": f"{n:016x}"} for n in range(2_003)]

    parsed = parse_data(post)

    assert (len(parsed.signals), parsed.truncated) == (2_000, 3)


def test_watchdog_is_a_heartbeat_and_no_alert():
    parsed = parse("alertmanager/watchdog")

    assert parsed.signals == ()
    assert parsed.notes == ("heartbeat",)


def test_severity_of_an_slo_alert_comes_from_its_generator_where_no_other_is_given():
    signal = parse("alertmanager/slo-burn").signals[0]

    assert (signal.severity, signal.severity_raw) == ("warning", "ticket")
    assert signal.title == "(ticket) ranking-api burns its error budget too fast"


def test_a_template_of_ones_own_is_read_as_generic_json():
    signal = parse("alertmanager/custom-template").signals[0]

    assert (signal.identity, signal.severity, signal.labels) == (
        "ranking-eu",
        "critical",
        {"service": "ranking-api"},
    )


def test_a_native_body_without_version_is_still_read():
    post = data("alertmanager/firing")
    del post["version"]

    assert parse_data(post) == parse("alertmanager/firing")


def test_hostile_labels_are_cut_and_cleaned():
    signal = parse("alertmanager/hostile").signals[0]

    assert signal.labels["nul"] == "ab[31mc"
    assert signal.labels["turned"] == "safegpj.exe"
    assert (signal.labels["replicas"], signal.labels["canary"], signal.labels["shard"]) == ("3", "true", "")
    assert len(signal.labels["long"]) == 2_000
    assert signal.labels["long"].endswith("x…")
    assert signal.title == "*bold* <https://evil.example.org|click> second line"
    assert signal.url == ""


def test_at_most_a_hundred_labels_are_kept_and_the_telling_ones_first():
    post = data("alertmanager/firing")
    post["alerts"][0]["labels"] = {f"a{n:03}": "x" for n in range(150)} | {"service": "ranking-api"}

    parsed = parse_data(post)

    assert len(parsed.signals[0].labels) == 100
    assert parsed.signals[0].labels["service"] == "ranking-api"
    assert parsed.notes == ("51 labels of one alert were left out; 100 are kept.",)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("CRITICAL", "critical"),
        ("Page", "critical"),
        ("p1", "critical"),
        ("sev1", "critical"),
        ("ticket", "warning"),
        ("p3", "warning"),
        ("none", "info"),
        ("bananas", "warning"),
        ("", "warning"),
    ],
)
def test_severity_words(raw, expected):
    post = data("alertmanager/firing")
    post["alerts"][0]["labels"]["severity"] = raw

    signal = parse_data(post).signals[0]

    assert (signal.severity, signal.severity_raw) == (expected, raw)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("0001-01-01T00:00:00Z", None),
        ("", None),
        (None, None),
        ("9999-12-31T23:59:59Z", None),
        ("2026-03-04T08:00:00", datetime(2026, 3, 4, 8, tzinfo=UTC)),
        ("2026-03-04T13:45:00+05:45", datetime(2026, 3, 4, 8, tzinfo=UTC)),
        ("2026-03-04T03:00:00.999999999-0500", datetime(2026, 3, 4, 8, 0, 0, 999999, tzinfo=UTC)),
        ("2026-06-30T23:59:60Z", datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_times(sent, expected):
    post = data("alertmanager/firing")
    post["alerts"][0]["startsAt"] = sent

    assert parse_data(post).signals[0].starts_at == expected


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": None}, "An alert has no status of its own."),
        ({"status": "pending"}, "An alert has the status “pending”."),
        ({"labels": ["a"]}, "“labels” is a list, not an object."),
        ({"startsAt": 1772611200}, "“startsAt” is not a time: 1772611200"),
        ({"startsAt": "2026-02-30T00:00:00Z"}, "“startsAt” is not a time that exists: 2026-02-30T00:00:00Z"),
        (
            {"startsAt": "2026-03-04T00:00:00+99:00"},
            "“startsAt” is not a time that exists: 2026-03-04T00:00:00+99:00",
        ),
        ({"fingerprint": {}}, "“fingerprint” is an object, not text."),
        ({"fingerprint": "", "labels": {}}, "An alert has neither labels nor a fingerprint."),
    ],
)
def test_what_cannot_be_read_says_why(change, reason):
    post = data("alertmanager/firing")
    post["alerts"][0].update(change)

    with pytest.raises(UnparsableError) as caught:
        parse_data(post)

    assert caught.value.reason == reason
    assert caught.value.hint
