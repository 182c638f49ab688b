"""Whatever arrives: a source answers with signals that can be stored, or with UnparsableError."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring.sources import get_source
from monitoring.types import UnparsableError
from tests.monitoring.payloads import ROOT

SLUGS = ["alertmanager", "grafana", "generic"]
SAMPLES = [
    json.loads(path.read_text()) for path in sorted(ROOT.glob("*/*.json")) if path.parent.name in SLUGS
]

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True)
    | st.text(st.characters())
    | st.sampled_from(
        ["firing", "resolved", "0001-01-01T00:00:00Z", "2026-03-04T08:00:00.1+23:59", "http://[", "\ud800"]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def calm(**more) -> settings:
    """How fast this machine is today is not what these tests are about."""
    return settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], **more)


def survives(slug: str, body: bytes, headers: dict[str, str] | None = None) -> None:
    try:
        parsed = get_source(slug).parse(body, headers or {})
    except UnparsableError as error:
        str(error).encode()
        return
    for signal in parsed.signals:
        assert signal.identity
        assert len(signal.identity) <= 200
        assert signal.title
        assert len(signal.title) <= 300
        assert len(signal.labels) <= 101
        stored = json.dumps(
            [
                signal.identity,
                signal.title,
                signal.body,
                dict(signal.labels),
                dict(signal.annotations),
                signal.url,
            ],
            ensure_ascii=False,
        )
        stored.encode()
        assert "\\u0000" not in stored
        assert "\0" not in stored
        assert all(
            moment is None or moment.tzinfo for moment in (signal.starts_at, signal.ends_at, signal.event_at)
        )


@pytest.mark.parametrize("slug", SLUGS)
@calm()
@given(body=st.binary(max_size=300))
def test_arbitrary_bytes(slug, body):
    survives(slug, body)


@pytest.mark.parametrize("slug", SLUGS)
@calm()
@given(value=anything)
def test_arbitrary_json(slug, value):
    survives(slug, json.dumps(value).encode())


@calm()
@given(
    value=anything,
    envelope=st.dictionaries(
        st.sampled_from(["ce-id", "ce-source", "ce-type", "ce-subject", "ce-time"]), st.text(max_size=20)
    ),
)
def test_arbitrary_envelopes_of_cloud_events(value, envelope):
    survives("generic", json.dumps(value).encode(), {"ce-specversion": "1.0", **envelope})


def paths(value, here=()):
    yield here
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*here, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from paths(inner, (*here, place))


def replaced(value, path, new):
    if not path:
        return new
    head, *rest = path
    if isinstance(value, dict):
        return {**value, head: replaced(value[head], rest, new)}
    return [replaced(inner, rest, new) if place == head else inner for place, inner in enumerate(value)]


@pytest.mark.parametrize("slug", SLUGS)
@given(draw=st.data())
@calm(max_examples=200)
def test_a_real_post_with_one_part_replaced_by_anything(slug, draw):
    post = draw.draw(st.sampled_from(SAMPLES))
    path = draw.draw(st.sampled_from(list(paths(post))))
    survives(slug, json.dumps(replaced(post, path, draw.draw(anything))).encode())
