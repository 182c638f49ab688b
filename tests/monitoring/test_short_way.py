"""The short way answers as the long one does, and takes nothing that it may not take."""

import gzip
import io

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError

from core.types import SYSTEM
from monitoring.api import intake as door_module
from monitoring.api.short_way import with_short_way
from monitoring.domain.integrations import intake_url, rotate_key, set_active
from monitoring.models import RawDelivery
from tests.make import NOW
from tests.monitoring import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def door():
    return make.integration("generic")


def path_of(door) -> str:
    return "/" + intake_url(door).split("/", 3)[3]


def ask(application, path, body=b'{"id": "a"}', method="POST", **environ):
    """What a web server gets: status, headers, body."""
    said = {}
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "10.1.2.3",
        "HTTP_HOST": "127.0.0.1:8000",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
        **environ,
    }

    def start(status, headers, exc_info=None):
        said.update(status=int(status[:3]), headers={name.lower(): value for name, value in headers})

    said["body"] = b"".join(application(environ, start))
    return said


def never(environ, start_response):
    raise AssertionError("It went the long way.")


@pytest.fixture
def long_way(settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "whitenoise" not in name]
    return WSGIHandler()


CASES = {
    "taken": {},
    "empty": {"body": b""},
    "gzip": {"body": gzip.compress(b'{"id": "a"}'), "HTTP_CONTENT_ENCODING": "gzip"},
    "once": {"HTTP_IDEMPOTENCY_KEY": "k-1"},
    "another encoding": {"HTTP_CONTENT_ENCODING": "br"},
    "too large": {"CONTENT_LENGTH": "99999999"},
    "a wrong key": {"path": "/api/v1/intake/generic/nobody/"},
    "a wrong source": {"path": "/api/v1/intake/nagios/nobody/"},
}


# Committed: the long way gives its connection back at the end of a request.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_both_ways_say_the_same(door, long_way, case):
    words = {"path": path_of(door), **case}
    rows = []
    answers = []
    for application in (with_short_way(never), long_way):
        before = RawDelivery.objects.count()
        answers.append(ask(application, **words))
        rows.append(RawDelivery.objects.count() - before)
    short, long = answers

    assert short["status"] == long["status"]
    assert short["headers"]["content-type"] == long["headers"]["content-type"]
    if short["status"] != 202:
        assert short["body"] == long["body"]
        assert rows == [0, 0]
    elif case.get("HTTP_IDEMPOTENCY_KEY"):
        assert short["body"] == long["body"]
        assert rows == [1, 0]
    else:
        assert rows == [1, 1]
        kept = RawDelivery.objects.order_by("pk").values("body", "headers", "address", "state", "delivery_id")
        assert kept[0] == kept[1]


@pytest.mark.parametrize(
    "words",
    [
        {"method": "GET"},
        {"HTTP_HOST": "elsewhere.example.org"},
        {"HTTP_HOST": ""},
        {"SCRIPT_NAME": "/portal"},
        {"path": "/api/v1/intake/generic/"},
        {"path": "/api/v1/alerts/"},
    ],
)
def test_what_is_out_of_the_ordinary_goes_the_long_way(door, words):
    with pytest.raises(AssertionError, match="long way"):
        ask(with_short_way(never), **{"path": path_of(door), **words})
    assert RawDelivery.objects.count() == 0


def test_plain_http_goes_the_long_way_where_tls_is_asked_for(door, settings):
    settings.SECURE_SSL_REDIRECT = True

    with pytest.raises(AssertionError, match="long way"):
        ask(with_short_way(never), path_of(door))
    assert ask(with_short_way(never), path_of(door), **{"wsgi.url_scheme": "https"})["status"] == 202


def test_a_key_that_was_changed_or_shut_is_refused_at_once(door):
    short, former = with_short_way(never), path_of(door)
    assert ask(short, former)["status"] == 202

    rotate_key(door, actor=SYSTEM, now=NOW)
    assert ask(short, former)["status"] == 404
    assert ask(short, path_of(door))["status"] == 202

    set_active(door, False, actor=SYSTEM, now=NOW)
    assert ask(short, path_of(door))["status"] == 404
    assert RawDelivery.objects.count() == 2


def test_what_could_not_be_stored_is_503(door, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError("disk full")

    monkeypatch.setattr(door_module, "take", fail)
    answer = ask(with_short_way(never), path_of(door))

    assert (answer["status"], answer["headers"]["retry-after"]) == (503, "5")


class Unread:
    """A body that nobody may wait for."""

    def read(self, *_):
        raise AssertionError("A stranger's body was read.")

    readline = __iter__ = read


@pytest.mark.parametrize("length", ["16", ""])
def test_a_strangers_body_is_not_waited_for(door, length):
    wrong = "/api/v1/intake/generic/not-a-key/"
    answer = ask(
        with_short_way(never),
        wrong,
        **{"wsgi.input": Unread(), "CONTENT_LENGTH": length, "wsgi.input_terminated": True},
    )
    assert answer["status"] == 404


def test_a_key_that_was_changed_is_a_strangers_from_the_second_post_on(door):
    path = path_of(door)
    assert ask(with_short_way(never), path)["status"] == 202
    rotate_key(door, actor=SYSTEM, now=NOW)

    assert ask(with_short_way(never), path)["status"] == 404
    assert ask(with_short_way(never), path, **{"wsgi.input": Unread()})["status"] == 404
