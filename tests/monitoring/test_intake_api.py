"""The door for machines, as a sender sees it."""

import io
import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client

from core import clock
from core.crypto import digest
from monitoring.api import body as wire
from monitoring.api import intake as door_module
from monitoring.domain.intake import tick
from monitoring.domain.integrations import intake_url
from monitoring.models import Alert, Integration, RawDelivery
from tests import make as things
from tests.monitoring import make
from tests.monitoring.payloads import sample

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.monitoring.urls")]


@pytest.fixture
def door():
    return make.integration()


def path_of(door: Integration) -> str:
    return "/" + intake_url(door).split("/", 3)[3]


def post(client, path, body=b"{}", **extra):
    return client.post(path, body, content_type="application/json", **extra)


def test_a_post_is_stored_before_it_is_answered(client, door):
    answer = post(
        client, path_of(door), sample("alertmanager/firing"), headers={"user-agent": "Alertmanager/0.28"}
    )

    row = RawDelivery.objects.get()
    assert (answer.status_code, answer.json()) == (202, {"id": str(row.pk)})
    assert bytes(row.body) == sample("alertmanager/firing")
    assert (row.state, row.integration_id, row.address) == ("received", door.pk, "127.0.0.1")
    assert row.headers["user-agent"] == "Alertmanager/0.28"


def test_credentials_in_headers_are_not_kept(client, door):
    post(client, path_of(door), headers={"authorization": "Bearer secret", "cookie": "a=b"})

    assert set(RawDelivery.objects.get().headers) == {"content-type"}


@pytest.mark.parametrize("body", [b"", b"nonsense", b"\xff\x00", b"[1, 2"])
def test_what_cannot_be_read_is_taken_all_the_same(client, door, body):
    assert post(client, path_of(door), body).status_code == 202
    assert bytes(RawDelivery.objects.get().body) == body


def test_a_wrong_key_is_404_and_stores_nothing(client, door):
    answer = post(client, path_of(door)[:-3] + "xx/")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"
    assert RawDelivery.objects.count() == 0


def test_a_right_key_at_another_source_is_404(client, door):
    assert post(client, path_of(door).replace("alertmanager", "grafana")).status_code == 404


def test_a_door_that_is_shut_is_404(client, door):
    Integration.objects.update(is_active=False)

    assert post(client, path_of(door)).status_code == 404


def test_too_large_is_413_and_stores_nothing(client, door, settings):
    settings.MAINSTAY_INTAKE_MAX_BYTES = 1000

    assert post(client, path_of(door), b"x" * 1000).status_code == 202
    answer = post(client, path_of(door), b"x" * 1001)

    assert answer.status_code == 413
    assert answer.json()["error"]["message"] == "A post has at most 1000 bytes. Send fewer alerts in one."
    assert RawDelivery.objects.count() == 1


class Endless:
    """A body that never ends, and counts what was taken of it."""

    def __init__(self):
        self.taken = 0

    def read(self, size):
        self.taken += size
        return b"x" * size


class Asked:
    def __init__(self, stream, **meta):
        self.META, self.read = meta, stream.read


def test_no_more_is_read_than_the_limit_and_one_byte():
    stream = Endless()

    with pytest.raises(wire.TooLargeError):
        wire.read_limited(Asked(stream, CONTENT_LENGTH="10"), 5_000)
    assert stream.taken == 0 + 5_001


def test_an_announced_size_that_is_too_large_is_not_read_at_all():
    stream = Endless()

    with pytest.raises(wire.TooLargeError):
        wire.read_limited(Asked(stream, CONTENT_LENGTH="5001"), 5_000)
    assert stream.taken == 0


def test_a_body_in_chunks_without_a_length_is_read():
    asked = Asked(io.BytesIO(b""), **{"wsgi.input": io.BytesIO(b"abc"), "wsgi.input_terminated": True})

    assert wire.read_limited(asked, 5_000) == b"abc"


def test_503_only_when_the_row_cannot_be_stored(client, door, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError("disk full")

    monkeypatch.setattr(door_module, "take", fail)
    answer = post(client, path_of(door))

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def test_an_idempotency_key_counts_once(client, door):
    answers = [post(client, path_of(door), headers={"idempotency-key": "k-1"}).json() for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]
    assert RawDelivery.objects.count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook-id": "msg_1"},
        {"ce-id": "1", "ce-source": "https://monitor.example.org"},
        {"idempotency-key": "k", "webhook-id": "msg_1"},
    ],
)
def test_a_sender_s_own_id_counts_once(client, door, headers):
    answers = [post(client, path_of(door), headers=headers).json() for _ in range(2)]
    other = post(client, path_of(door), headers={name: f"{value}2" for name, value in headers.items()})

    assert answers[0] == answers[1] != other.json()


def test_a_cloud_event_in_binary_mode_is_read(client):
    door = make.integration("generic")
    envelope = {
        "ce-specversion": "1.0",
        "ce-id": "1",
        "ce-source": "https://monitor.example.org",
        "ce-type": "drift",
        "ce-time": "2026-03-04T07:30:00Z",
    }

    post(client, path_of(door), b'{"dedup_key": "drift:income", "title": "Drift"}', headers=envelope)
    tick(clock.now())

    alert = Alert.objects.get()
    assert (alert.identity, alert.title) == ("drift:income", "Drift")
    assert alert.event_at == datetime(2026, 3, 4, 7, 30, tzinfo=UTC)


def test_it_takes_posts_only(client, door):
    assert client.get(path_of(door)).status_code == 405


def test_a_session_needs_no_csrf_token_here(door):

    client = Client(enforce_csrf_checks=True)
    client.force_login(things.user())

    assert post(client, path_of(door)).status_code == 202


def run(*args) -> str:
    out = io.StringIO()
    call_command("intake_url", *args, stdout=out)
    return out.getvalue()


def test_intake_url_prints_the_url_and_nothing_else(client, settings):
    settings.MAINSTAY_PUBLIC_URL = "https://portal.example.org"

    said = run("grafana")

    door = Integration.objects.get()
    assert said == f"{intake_url(door)}\n"
    assert said.startswith("https://portal.example.org/api/v1/intake/grafana/")
    assert digest(said.strip().split("/")[-2]) == door.key_digest
    assert post(client, said.strip().removeprefix("https://portal.example.org")).status_code == 202


def test_intake_url_makes_one_integration_for_each_source_and_service():
    things.service(slug="ranking-api")

    urls = [run("generic"), run("generic"), run("generic", "--service", "ranking-api"), run("alertmanager")]

    assert urls[0] == urls[1]
    assert len(set(urls)) == 3 == Integration.objects.count()


def test_intake_url_says_what_is_wrong():
    with pytest.raises(
        CommandError, match=r"There is no source “nagios”\. Known: alertmanager, grafana, generic\."
    ):
        run("nagios")
    with pytest.raises(CommandError, match=r"There is no service “nobody”\."):
        run("generic", "--service", "nobody")


def hostile(count: int) -> bytes:
    one = json.loads(sample("alertmanager/hostile"))["alerts"][0]
    alerts = [{**one, "fingerprint": f"{n:x}"} for n in range(count)]
    return json.dumps({"version": "4", "alerts": alerts}).encode()


def test_five_thousand_hostile_alerts_are_too_large(client, door):
    assert post(client, path_of(door), hostile(5_000)).status_code == 413


def test_where_more_is_allowed_two_thousand_are_read_and_the_rest_is_counted(client, door, settings):
    settings.MAINSTAY_INTAKE_MAX_BYTES = 50_000_000

    assert post(client, path_of(door), hostile(2_003)).status_code == 202
    tick(clock.now())

    row = RawDelivery.objects.get()
    assert (row.state, row.signals, row.truncated) == ("done", 2_000, 3)
    assert Alert.objects.count() == 2_000
