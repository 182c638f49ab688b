import json
from datetime import UTC, datetime

import pytest

from monitoring.sources import get_source
from monitoring.types import Parsed, UnparsableError
from tests.monitoring.payloads import data, sample


def parse(path: str) -> Parsed:
    return get_source("grafana").parse(sample(path), {})


def test_firing_alert_carries_rule_values_and_organisation():
    signal = parse("grafana/firing").signals[0]

    assert signal.identity == "3:" + data("grafana/firing")["alerts"][0]["fingerprint"]
    assert (signal.status, signal.severity, signal.severity_raw) == ("firing", "warning", "P2")
    assert signal.labels["rule_uid"] == "fe9x7k2mfresh"
    assert signal.values == {"A": 95.0, "C": 1.0}


def test_the_same_fingerprint_of_two_organisations_is_two_alerts():
    post = data("grafana/firing")
    post["alerts"][0]["orgId"] = 4

    other = get_source("grafana").parse(json.dumps(post).encode(), {}).signals[0]

    assert other.identity != parse("grafana/firing").signals[0].identity


def test_a_resolve_that_overwrites_its_start_keeps_the_identity_and_claims_no_start():
    fired, ended = parse("grafana/firing").signals[0], parse("grafana/resolved-missing-series").signals[0]

    assert ended.identity == fired.identity
    assert ended.starts_at is None
    assert ended.event_at == ended.ends_at == datetime(2026, 3, 4, 7, 31, tzinfo=UTC)


def test_an_honest_resolve_keeps_its_start():
    ended = parse("grafana/resolved").signals[0]

    assert ended.starts_at == datetime(2026, 3, 4, 7, 5, tzinfo=UTC)
    assert ended.resolve_reason == ""


def test_vanished_series_is_not_called_fixed():
    assert parse("grafana/resolved-missing-series").signals[0].resolve_reason == "missing_series"


@pytest.mark.parametrize(("word", "title"), [("nodata", "No data"), ("error", "Query fails")])
def test_a_rule_that_cannot_see_is_one_alert_of_that_rule(word, title):
    post = data(f"grafana/{word}")
    relabelled = data(f"grafana/{word}")
    relabelled["alerts"][0]["labels"]["ref_id"] = "B"
    relabelled["alerts"][0]["fingerprint"] = "1234123412341234"

    first, second = (
        get_source("grafana").parse(json.dumps(each).encode(), {}).signals[0] for each in (post, relabelled)
    )

    assert first.status == second.status == "no_data"
    assert first.identity == second.identity == f"3:rule:fe9x7k2mfresh:{word}"
    assert first.labels["rule_uid"] == parse("grafana/firing").signals[0].labels["rule_uid"]
    assert first.title == f"{title}: Feature freshness"


def test_without_fingerprint_and_labels_the_rule_is_the_identity():
    post = data("grafana/firing")
    post["alerts"][0].update(fingerprint=None, labels={})

    assert (
        get_source("grafana").parse(json.dumps(post).encode(), {}).signals[0].identity
        == "3:rule:fe9x7k2mfresh"
    )


def test_values_that_are_no_numbers_are_left_out():
    post = data("grafana/firing")
    post["alerts"][0]["values"] = {"A": 1, "B": None, "C": "x", "D": True}

    assert get_source("grafana").parse(json.dumps(post).encode(), {}).signals[0].values == {"A": 1.0}


def test_the_legacy_webhook_is_refused_with_the_way_out():
    with pytest.raises(UnparsableError) as caught:
        parse("grafana/legacy")

    assert (
        caught.value.reason == "This is the webhook of Grafana's legacy alerting, which ended with Grafana 8."
    )
    assert caught.value.hint == "Use a webhook contact point of unified alerting (Grafana 9 or newer)."
