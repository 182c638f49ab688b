"""Whatever is posted is taken, cut, escaped, parked or refused in words; never a 500.

Through the whole path: the door, the tick, the pages and the API that show it.
"""

import gzip
import json

import pytest
from django.http import UnreadablePostError

from core import clock
from monitoring.api import body as wire
from monitoring.domain.intake import tick
from monitoring.models import Alert, RawDelivery
from tests import make as things
from tests.monitoring import make
from tests.monitoring.payloads import data
from tests.monitoring.test_intake_api import path_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.urls")]
LIMIT = 1024 * 1024


@pytest.fixture
def door():
    return make.integration("generic")


def post(client, door, body, content_type="application/json", **headers):
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    return client.generic("POST", path_of(door), body, content_type=content_type, headers=headers)


def taken(client, door, body, **more) -> RawDelivery:
    """Post it, work it, and read every page that shows it."""
    answer = post(client, door, body, **more)
    assert answer.status_code == 202, answer.content
    tick(clock.now())
    row = RawDelivery.objects.order_by("-pk").first()
    client.force_login(things.user("lead"))
    pages = [
        "/alerts/?view=all",
        "/alerts/parked/",
        f"/alerts/parked/{row.pk}/",
        f"/api/v1/deliveries/{row.pk}/",
    ]
    pages += [f"/alerts/{pk}/" for pk in Alert.objects.values_list("pk", flat=True)[:3]]
    for page in [*pages, "/api/v1/alerts/", "/alerts/integrations/"]:
        assert client.get(page).status_code == 200, page
    return row


def test_a_label_of_100_kb_is_cut(client, door):
    taken(client, door, {"id": "a", "labels": {"huge": "x" * 100_000, "n" * 100_000: "y"}})

    labels = Alert.objects.get().labels
    assert (len(labels["huge"]), labels["huge"][-1]) == (2_000, "…")
    assert sorted(map(len, labels)) == [4, 200]


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>",
        "<!channel> *bold* <@U1>",
        "{{ 7*7 }}{% now 'Y' %}",
        '"><img src=x onerror=a>',
    ],
)
def test_markup_is_text_wherever_it_is_shown(client, door, markup):
    taken(client, door, {"id": markup, "title": markup, "description": markup, "labels": {markup: markup}})

    shown = client.get(f"/alerts/{Alert.objects.get().pk}/").content.decode()
    assert Alert.objects.get().title == markup
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
    assert "<!channel>" not in shown
    assert "{{ 7*7 }}" in shown or "7*7" not in markup


@pytest.mark.parametrize(
    "mark", ["\u202e", "\u200f", "\u200e", "\u061c", "\u2066", "\0", "\x1b", "\ud800", "\ufeff"]
)
def test_marks_that_turn_or_break_text_are_taken_out(client, door, mark):
    taken(client, door, {"id": "a", "title": f"GPU{mark} lost", "labels": {f"no{mark}de": f"7{mark}"}})

    alert = Alert.objects.get()
    assert (alert.title, alert.labels) == ("GPU lost", {"node": "7"})


def test_five_thousand_small_alerts_are_cut_to_two_thousand_and_the_rest_is_said(client, door):
    row = taken(client, door, {"alerts": [{"id": str(n)} for n in range(5_000)]})

    assert (row.signals, row.truncated, Alert.objects.count()) == (2_000, 3_000, 2_000)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "The body is empty."),
        (b" \n\t ", "The body is empty."),
        (b"\xff\xfe\x00", "The body is not UTF-8 text."),
        (b'{"id": "\xc3\x28"}', "The body is not UTF-8 text."),
        (b"[" * 50_000, "The JSON nests deeper"),
        (b'{"id": "a", "labels": ' + b'{"a":' * 40 + b"1" + b"}" * 41, "The JSON nests deeper"),
        (b'{"id": 1' + b"0" * 5_000 + b"}", "A number has"),
        (b'{"id": "a", "x": 1e999}', "A number is too large."),
        (b'{"id": "a", "x": NaN}', "NaN is not a JSON number."),
        (b'{"id": "a", "id": "b"}', "The key “id” stands twice"),
        (b"null", "The body is missing or null"),
        (b'"text"', "The body is text"),
        (b'[{"id": "a"}]', "The body is a list"),
        (b'{"id": ["a"]}', "“id” is a list"),
        (b'{"id": "a", "labels": "none"}', "“labels” is text"),
        (b'{"alerts": {"id": "a"}}', "“alerts” is an object"),
        (b"id=a&title=b", "The body is not valid JSON"),
        (b"<xml/>", "The body is not valid JSON"),
    ],
)
def test_what_cannot_be_read_is_parked_with_the_reason(client, door, body, reason):
    row = taken(client, door, body)

    assert row.state == "parked"
    assert row.reason.startswith(reason)
    assert bytes(row.body) == body


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x",
     "image/png", "application/json; charset=utf-16", "nonsense", "", "application/\0json"],
)  # fmt: skip
def test_the_content_type_decides_nothing(client, door, content_type):
    row = taken(client, door, b'{"id": "a"}', content_type=content_type)

    assert (row.state, Alert.objects.get().identity) == ("done", "a")


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense", "image/*;q=0", ""])
def test_the_accept_header_decides_nothing(client, door, accept):
    assert post(client, door, {"id": "a"}, accept=accept).status_code == 202


@pytest.mark.parametrize(
    "name", ["user-agent", "content-type", "ce-id", "idempotency-key", "x-forwarded-for"]
)
@pytest.mark.parametrize("value", ["a\0b", "\ud800", "\u202egpj", "x" * 10_000, "é", "'; DROP TABLE x; --"])
def test_headers_may_hold_anything(client, door, name, value):
    row = taken(client, door, {"id": "a"}, **{name: value})

    json.dumps(row.headers).encode()
    assert all(len(text) <= 300 for text in row.headers.values())


@pytest.mark.parametrize("key", ["a\0b", "\ud800", "x" * 10_000, "\x7f\x1b[31m", "tab\there"])
def test_an_idempotency_key_of_any_text_counts_once(client, door, key):
    first, second = (post(client, door, {"id": "a"}, **{"idempotency-key": key}) for _ in range(2))
    other = post(client, door, {"id": "a"}, **{"idempotency-key": f"{key}!"})

    assert first.json() == second.json() != other.json()


def test_gzip_is_unpacked_and_kept_as_what_it_says(client, door):
    row = taken(client, door, gzip.compress(b'{"id": "a"}'), **{"content-encoding": "gzip"})

    assert (row.state, bytes(row.body), "content-encoding" in row.headers) == ("done", b'{"id": "a"}', False)


def test_a_gzip_bomb_is_413_and_is_not_unpacked(client, door):
    bomb = gzip.compress(b"\0" * 50_000_000)

    answer = post(client, door, bomb, **{"content-encoding": "gzip"})

    assert (len(bomb) < LIMIT, answer.status_code, RawDelivery.objects.count()) == (True, 413, 0)


@pytest.mark.parametrize(
    "body",
    [gzip.compress(b'{"id": "a"}')[:-9], gzip.compress(b'{"id": "a"}') + b"rest", gzip.compress(b"{}") * 30],
    ids=["torn", "with a rest", "thirty in a row"],
)
def test_gzip_that_cannot_be_unpacked_is_parked_as_it_came(client, door, body):
    row = taken(client, door, body, **{"content-encoding": "gzip"})

    assert (row.state, bytes(row.body)) == ("parked", body)
    assert row.reason.startswith("The body says that it is gzip, but it can't be unpacked.")


def test_a_plain_body_that_says_gzip_is_read(client, door):
    assert taken(client, door, b'{"id": "a"}', **{"content-encoding": "gzip"}).state == "done"


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "x" * 5_000, "\0"])
def test_other_encodings_are_415_in_words(client, door, encoding):
    answer = post(client, door, b"x", **{"content-encoding": encoding})

    assert (answer.status_code, RawDelivery.objects.count()) == (415, 0)
    assert answer.json()["error"]["message"] == "Content-Encoding may be gzip or absent. Send the post plain."


@pytest.mark.parametrize(
    ("announced", "status"),
    [
        ("5", 202),
        ("0", 202),
        ("", 202),
        ("-1", 202),
        ("abc", 202),
        ("²", 202),
        ("9" * 5_000, 413),
        ("99999999", 413),
    ],
)
def test_a_length_that_lies(client, door, announced, status):
    answer = client.generic(
        "POST", path_of(door), b'{"id": "a"}', content_type="application/json", CONTENT_LENGTH=announced
    )

    assert answer.status_code == status


class Drip:
    """A body that comes a byte at a time, by a watch that the test turns."""

    def __init__(self, watch):
        self.watch, self.META = watch, {"CONTENT_LENGTH": "1000"}

    def read(self, size):
        self.watch.at += 1
        return b"x"


class Watch:
    at = 0.0

    def __call__(self):
        return self.at


def test_a_body_that_drips_is_given_up(monkeypatch):
    watch = Watch()
    monkeypatch.setattr(wire, "monotonic", watch)

    with pytest.raises(wire.TooSlowError):
        wire.read_limited(Drip(watch), 1000)
    assert watch.at == wire.PATIENCE + 1


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(wire.TooSlowError(), 408, "too_slow"), (wire.BrokenOffError(), 400, "broken_off")],
)
def test_a_body_that_does_not_come_is_said(client, door, monkeypatch, error, status, code):
    def fail(*args):
        raise error

    monkeypatch.setattr(wire, "read_limited", fail)

    answer = post(client, door, {"id": "a"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize("error", [UnreadablePostError("gone"), ConnectionResetError(), TimeoutError()])
def test_a_sender_that_goes_away_is_no_error_of_ours(error):
    class Gone:
        META = {"CONTENT_LENGTH": "10"}

        def read(self, size):
            raise error

    with pytest.raises(wire.BrokenOffError):
        wire.read_limited(Gone(), 100)


@pytest.mark.parametrize("source", ["alertmanager", "grafana"])
def test_a_hostile_group_of_each_source(client, source):
    body = data("alertmanager/hostile")

    row = taken(client, make.integration(source), body)

    assert (row.state, row.signals) == ("done", len(body["alerts"]))


@pytest.mark.parametrize("path", ["%00", "%ff%fe", "%ED%A0%80", "a" * 5_000, "%2e%2e"])
def test_a_hostile_path_is_404(client, path):
    assert client.generic("POST", f"/api/v1/intake/generic/{path}/", b"{}").status_code == 404
