import json
from datetime import UTC, datetime

import pytest

from monitoring.sources import get_source
from monitoring.types import Parsed, UnparsableError
from tests.monitoring.payloads import sample


def parse(path: str) -> Parsed:
    return get_source("generic").parse(sample(path), {})


def parse_data(value) -> Parsed:
    return get_source("generic").parse(json.dumps(value).encode(), {})


def test_one_object_is_one_alert():
    signal = parse("generic/single").signals[0]

    assert signal.identity == "nightly-scoring/2026-03-04"
    assert signal.title == "Nightly scoring stopped at 61 %"
    assert signal.labels == {"service": "credit-batch", "step": "join-features"}
    assert signal.starts_at == signal.event_at == datetime(2026, 3, 3, 20, 25, tzinfo=UTC)
    assert (signal.severity, signal.severity_raw) == ("critical", "critical")


def test_keys_we_do_not_know_are_kept_as_annotations():
    assert parse("generic/single").signals[0].annotations == {
        "run": "8841",
        "attempt": "2",
        "cluster": '{"name":"batch-2","nodes":12}',
    }


def test_a_resolve_needs_only_the_identity():
    signal = parse("generic/single-resolved").signals[0]

    assert (signal.identity, signal.status) == ("nightly-scoring/2026-03-04", "resolved")
    # no zone means UTC
    assert signal.event_at == signal.ends_at == datetime(2026, 3, 4, 1, 2, 3, tzinfo=UTC)


def test_several_alerts_in_one_post():
    signals = parse("generic/several").signals

    assert [(s.identity, s.status, s.severity) for s in signals] == [
        ("gpu-7", "firing", "warning"),
        ("gpu-8", "no_data", "warning"),
        ("9", "resolved", "warning"),
    ]
    assert signals[2].title == "9"
    assert signals[1].severity_raw == "weird"


def test_event_at_orders_readings_where_it_is_given():
    signal = parse_data(
        {"id": "a", "starts_at": "2026-03-04T01:00:00Z", "event_at": "2026-03-04T02:00:00Z"}
    ).signals[0]

    assert (signal.starts_at.hour, signal.event_at.hour) == (1, 2)


def test_an_identity_that_is_too_long_still_tells_alerts_apart():
    one, two = (parse_data({"id": "x" * 500 + end}).signals[0].identity for end in "ab")

    assert one != two
    assert len(one) == 200


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "The body is empty."),
        (b"\xff\xfe", "The body is not UTF-8 text."),
        (b"[]", "The body is a list, not a JSON object."),
        (b"null", "The body is missing or null, not a JSON object."),
        (b'{"title": "x"}', "An alert has no “id”."),
        (b'{"id": true}', "An alert has no “id”."),
        (b'{"id": "a", "status": "ok"}', "The status “ok” is not known."),
        (b'{"id": "a", "id": "b"}', "The key “id” stands twice in one object."),
        (b'{"id": "a", "x": NaN}', "NaN is not a JSON number."),
        (b'{"id": "a", "x": 1e999}', "A number is too large."),
        (b'{"id": "a", "x": ' + b"9" * 5000 + b"}", "A number has 5000 digits."),
        (b'{"id": "a", "x": ' + b"[" * 40 + b"]" * 40 + b"}", "The JSON nests deeper than 32 levels."),
        (b"[" * 200_000, "The JSON nests deeper than 32 levels."),
        (b'{"alerts": {}}', "“alerts” is an object, not a list."),
        (b'{"alerts": [{"id": "a"}, 5]}', "alerts[1] is a number, not an object."),
        (b'{"id": "a", "title": []}', "“title” is a list, not text."),
        (b'{"id": "a", "labels": "x"}', "“labels” is text, not an object."),
    ],
)
def test_what_cannot_be_read_says_why(body, reason):
    with pytest.raises(UnparsableError) as caught:
        get_source("generic").parse(body, {})

    assert caught.value.reason == reason
    assert caught.value.hint
