"""Push and chat by Apprise, against real receivers on loopback."""

import json
import logging
import socket

import pytest

from core.http.guard import RefusedAddressError, guarded
from notifications.channels import apprise as channel
from notifications.channels.apprise import AppriseChannel, hint_of
from notifications.channels.examples import HELD
from notifications.types import DeliveryError, Outcome
from tests.notifications.contacts import outgoing

CHANNEL = AppriseChannel()


@pytest.fixture(autouse=True)
def schemes(settings):
    settings.MAINSTAY_APPRISE_SCHEMES = [*settings.MAINSTAY_APPRISE_SCHEMES, "json"]


def refused(address) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        CHANNEL.send(outgoing(address))
    return caught.value


def json_url(receiver, path="/in/zebra"):
    return receiver.url.replace("http://", "json://") + path


def test_a_json_service_gets_subject_text_and_link(receiver):
    assert CHANNEL.send(outgoing(json_url(receiver))) == Outcome("sent")
    [got] = receiver.got
    document = json.loads(got.body)
    assert (document["title"], document["message"]) == (
        "SEV1 INC-1042 Fraud scoring is down",
        "Open for 2 min.\nhttps://ops.test/incidents/INC-1042/",
    )
    assert document["type"] == "failure"


def test_an_ntfy_server_of_ones_own_gets_it(receiver):
    address = receiver.url.replace("http://", "ntfy://") + "/zebra"
    assert CHANNEL.send(outgoing(address)) == Outcome("sent")
    [got] = receiver.got
    assert json.loads(got.body)["topic"] == "zebra"


WORKFLOW = "workflows://prod.westeurope.example.org:443/a0b1c2d3/s3cr3ts1gnatur3/?{}"


@pytest.mark.parametrize("status", [302, 400, 404, 410, 429, 500])
def test_a_no_is_temporary_whatever_its_reason(receiver, status):
    receiver.status, receiver.headers = status, {"Location": "/elsewhere"} if status == 302 else {}
    error = refused(json_url(receiver))
    assert (error.permanent, error.message) == (False, "JSON did not take it.")
    assert {got.path for got in receiver.got} == {"/in/zebra"}


def test_the_url_can_not_ask_for_redirects(receiver):
    receiver.status, receiver.headers = 302, {"Location": "/elsewhere"}
    refused(json_url(receiver, "/in/zebra?redirect=yes&rto=60&retry=5"))
    assert [got.path for got in receiver.got] == ["/in/zebra"]


def test_an_address_inside_is_not_connected_to(receiver, settings):
    settings.MAINSTAY_OUTBOUND_ALLOW = []
    error = refused(json_url(receiver))
    assert (error.permanent, error.message) == (
        True,
        "JSON leads to an address inside or reserved; it is not called.",
    )
    assert receiver.got == []


def test_a_name_that_turns_inside_after_it_was_looked_up_gets_nowhere(receiver, settings, monkeypatch):
    """DNS rebinding: what counts is where the connection goes."""
    settings.MAINSTAY_OUTBOUND_ALLOW = []
    port = int(receiver.url.rsplit(":", 1)[1])
    asked = []

    def turning(host, *rest, **named):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", turning)
    assert refused(f"json://rebinding.test:{port}/").permanent is True
    assert (asked[0], receiver.got) == ("rebinding.test", [])


def test_the_guard_covers_any_library_of_its_thread_and_nothing_after_it(receiver, settings):
    settings.MAINSTAY_OUTBOUND_ALLOW = []
    host, port = "127.0.0.1", int(receiver.url.rsplit(":", 1)[1])
    with guarded() as watch:
        with pytest.raises(RefusedAddressError):
            socket.create_connection((host, port), timeout=2)
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
            pytest.raises(RefusedAddressError),
        ):
            datagrams.sendto(b"x", (host, port))
        with socket.socket(socket.AF_UNIX) as local, pytest.raises(RefusedAddressError):
            local.connect("/var/run/some.sock")
    assert watch.refused == [host, host, ""]
    socket.create_connection((host, port), timeout=2).close()


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "syslog://", "dbus://", "mailto://user:pw@host.test", "ntfys://topic?attach=/etc/passwd",
     "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js?template=/etc/passwd", "nonsense",
     "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js?a=b;template=/etc/passwd",
     "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js?%20template=/etc/passwd",
     "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js?template%20=/etc/passwd",
     "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js?template+=/etc/passwd",
     "ntfys://topic#x?attach=/etc/passwd",
     WORKFLOW.format("a=b;template=/etc/passwd"), WORKFLOW.format("%20template=/etc/passwd")],
)  # fmt: skip
def test_what_is_not_on_the_list_or_reads_files_is_refused_without_repeating_it(address):
    error = refused(address)
    assert error.permanent is True
    assert "passwd" not in error.message
    assert "pw@" not in error.message


@pytest.mark.parametrize(
    ("address", "service"),
    [
        ("tgram://123456789:abcdefg_hijklmnop/12315544/", "Telegram"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general", "Slack"),
        ("ntfys://user:zebra@ntfy.test/topic", "ntfy"),
    ],
)
def test_a_hint_names_the_service_and_nothing_of_the_url(address, service):
    name, _, letters = hint_of(address).partition(" · ")
    assert (name, len(letters)) == (service, 4)
    assert letters not in address


def test_neither_words_nor_log_hold_the_url_when_a_service_fails(receiver, caplog, settings):
    settings.MAINSTAY_OUTBOUND_ALLOW = []
    with caplog.at_level(logging.WARNING):
        error = refused("json://user:zebra@127.0.0.1:9/in/zebra?+key=zebra")
    assert "zebra" not in error.message
    assert "zebra" not in caplog.text


def test_example_hosts_are_kept_and_never_called():
    assert CHANNEL.send(outgoing("ntfys://ntfy.example.org/topic")) == HELD


def test_a_service_that_took_a_file_by_another_word_is_refused(monkeypatch):
    monkeypatch.setattr(channel, "_parameters", lambda url: set())
    with pytest.raises(ValueError, match="reads files"):
        hint_of(WORKFLOW.format("template=/etc/hostname"))
    assert hint_of(WORKFLOW.format("a=b")).startswith("Power Automate")
