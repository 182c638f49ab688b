"""Signed webhooks, against a real receiver on loopback."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, formatdate

import pytest
from standardwebhooks.webhooks import Webhook

from core.http import outbound
from notifications.channels.examples import HELD
from notifications.channels.retry_after import seconds_of
from notifications.channels.webhook import WebhookChannel
from notifications.types import DeliveryError, Item, Outcome
from tests.notifications.contacts import SECRET, outgoing

CHANNEL = WebhookChannel()


def refused(out) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        CHANNEL.send(out)
    return caught.value


def test_a_receiver_verifies_it_with_the_standard_library(receiver):
    assert CHANNEL.send(outgoing(f"{receiver.url}/in/zebra")) == Outcome("sent")
    [got] = receiver.got
    document = Webhook(SECRET).verify(got.body, got.headers)
    assert (got.path, got.headers["content-type"]) == ("/in/zebra", "application/json")
    assert document == {
        "type": "incident.page",
        "timestamp": "2026-03-04T08:00:00+00:00",
        "data": {
            "subject": "SEV1 INC-1042 Fraud scoring is down",
            "text": "Open for 2 min.",
            "url": "https://ops.test/incidents/INC-1042/",
            "urgency": "urgent",
            "severity": "SEV1",
            "about": {"kind": "incident", "ref": "INC-1042"},
            "action": {"label": "", "url": ""},
            "recipient": "Asha Rai",
            "items": [],
        },
    }


def test_the_id_and_body_are_the_same_at_each_attempt_and_differ_between_messages(receiver):
    CHANNEL.send(outgoing(receiver.url))
    CHANNEL.send(outgoing(receiver.url))
    CHANNEL.send(outgoing(receiver.url, dedup_key="another"))
    first, again, other = receiver.got
    assert first.headers["webhook-id"] == again.headers["webhook-id"] != other.headers["webhook-id"]
    assert first.body == again.body


def test_a_bundle_names_each_message(receiver):
    items = (Item("A is down", "https://ops.test/a", "incident.page", "incident", "INC-1", "SEV2"),)
    CHANNEL.send(outgoing(receiver.url, kind="bundle", items=items))
    assert json.loads(receiver.got[0].body)["data"]["items"] == [
        {
            "subject": "A is down",
            "url": "https://ops.test/a",
            "kind": "incident.page",
            "about_kind": "incident",
            "about_ref": "INC-1",
            "severity": "SEV2",
            "action_url": "",
            "action_label": "",
        }
    ]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 413, 422])
def test_what_no_retry_mends_is_permanent_and_only_410_switches_off_at_once(receiver, status):
    receiver.status = status
    error = refused(outgoing(receiver.url))
    gone = status == 410
    assert (error.permanent, error.disables, error.doubts) == (True, gone, not gone)
    assert error.message.startswith(f"The receiver answered {status}")


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_temporary(receiver, status):
    receiver.status = status
    error = refused(outgoing(receiver.url))
    assert (error.permanent, error.disables, error.retry_after) == (False, False, None)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_says_what_to_do(receiver, status):
    receiver.status, receiver.headers = status, {"Location": f"{receiver.url}/elsewhere"}
    error = refused(outgoing(f"{receiver.url}/here"))
    assert error.permanent is True
    assert error.message == (
        f"The receiver answered {status}, a redirect; redirects are not followed. Enter the final URL."
    )
    assert [got.path for got in receiver.got] == ["/here"]


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_heard_in_seconds_and_as_a_date(receiver, status):
    receiver.status, receiver.headers = status, {"Retry-After": "120"}
    assert refused(outgoing(receiver.url)).retry_after == 120
    later = formatdate(time.time() + 300, usegmt=True)
    receiver.headers = {"Retry-After": later}
    assert 290 <= (refused(outgoing(receiver.url)).retry_after or 0) <= 302


def test_a_date_counts_from_the_answers_own_clock():
    at = datetime(2020, 1, 1, tzinfo=UTC)
    headers = {
        "date": format_datetime(at, usegmt=True),
        "retry-after": format_datetime(at + timedelta(seconds=90), usegmt=True),
    }
    assert seconds_of(headers) == 90


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("7", 7), ("99999999999999", 86400), ("", None), ("soon", None), ("-1", None), ("1.5", None),
     ("Wed, 01 Jan 1990 00:00:00 GMT", 0)],
)  # fmt: skip
def test_retry_after_is_read_or_left(text, seconds):
    assert seconds_of({"retry-after": text}) == seconds


def test_an_address_inside_is_permanent(settings):
    settings.MAINSTAY_OUTBOUND_ALLOW = []
    error = refused(outgoing("http://127.0.0.1:9/in/zebra"))
    assert error.permanent is True
    assert "zebra" not in error.message


def test_silence_is_temporary(receiver, monkeypatch):
    monkeypatch.setattr(outbound, "READ_SECONDS", 0.2)
    receiver.gate = threading.Event()
    error = refused(outgoing(f"{receiver.url}/in/zebra"))
    assert (error.permanent, error.message) == (False, "127.0.0.1 did not answer in time.")


def test_example_addresses_are_kept_and_never_called():
    assert CHANNEL.send(outgoing("https://hooks.example.com/in")) == HELD
    assert CHANNEL.send(outgoing("https://example.org/in")) == HELD


def test_neither_address_nor_secret_is_in_the_values_printed_form():
    text = repr(outgoing("https://hooks.test/in/zebra"))
    assert "zebra" not in text
    assert SECRET not in text
