"""Requests that leave: whom they reach, and when they end. Servers are on loopback."""

import socket
import threading
import time

import pytest

from core.http import outbound
from core.http.addresses import may_connect
from core.http.outbound import OutboundError, get, post
from tests.receiver import LOOPBACK, receiving


@pytest.fixture
def receiver(settings):
    settings.MAINSTAY_OUTBOUND_ALLOW = LOOPBACK
    with receiving() as found:
        yield found


@pytest.fixture
def names(monkeypatch):
    """What names resolve to, one answer after the other; the last one stays."""
    answers: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def fake(host, port, *rest, **named):
        if host not in answers:
            return real(host, port, *rest, **named)
        found = answers[host].pop(0) if len(answers[host]) > 1 else answers[host][0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", fake)
    return answers


def refused(url, **named):
    with pytest.raises(OutboundError) as caught:
        post(url, **named)
    return caught.value


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.1.1", "169.254.169.254",
        "100.64.0.1", "100.100.100.200", "168.63.129.16", "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::",
        "2001:0:1::1", "2001:db8::1", "fec0::1", "localhost", "example.com", "",
    ],
)  # fmt: skip
def test_addresses_inside_reserved_or_disguised_are_refused(address):
    assert may_connect(address) is False


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111"])
def test_public_addresses_are_called(address):
    assert may_connect(address) is True


def test_the_operator_opens_networks_but_never_the_metadata_service(settings):
    settings.MAINSTAY_OUTBOUND_ALLOW = ["10.2.0.0/16", "169.254.0.0/16"]
    assert [may_connect(each) for each in ("10.2.3.4", "10.3.0.1", "169.254.1.1", "169.254.169.254")] == [
        True,
        False,
        True,
        False,
    ]
    assert may_connect("10.3.0.1", trusted=True) is True
    assert may_connect("169.254.169.254", trusted=True) is False
    assert may_connect("::ffff:169.254.169.254", trusted=True) is False


def test_a_post_arrives_as_it_was_sent_and_the_answer_comes_back(receiver):
    receiver.status, receiver.body = 202, b"thanks"
    answer = post(f"{receiver.url}/hook?a=1", body=b'{"a": 1}', headers={"Content-Type": "application/json"})
    assert (answer.status, answer.body, answer.headers["content-length"]) == (202, b"thanks", "6")
    [got] = receiver.got
    assert (got.method, got.path, got.body) == ("POST", "/hook?a=1", b'{"a": 1}')
    assert got.headers["content-type"] == "application/json"
    assert (got.headers["host"], got.headers["user-agent"]) == (
        receiver.url.removeprefix("http://"),
        "Mainstay",
    )


def test_loopback_is_refused_unless_allowed_or_trusted(receiver, settings):
    settings.MAINSTAY_OUTBOUND_ALLOW = []
    error = refused(receiver.url)
    assert (error.permanent, error.message) == (
        True,
        "127.0.0.1 leads to an address inside or reserved; it is not called.",
    )
    assert get(receiver.url, trusted=True).status == 200
    assert len(receiver.got) == 1


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "017700000001", "[::ffff:127.0.0.1]", "localhost"])
def test_other_spellings_of_loopback_are_refused(host):
    assert refused(f"http://{host}:9/").permanent is True


def test_a_name_is_resolved_once_and_the_address_that_was_looked_at_is_called(receiver, names, settings):
    port = receiver.url.rsplit(":", 1)[1]
    names["rebinding.test"] = [["127.0.0.1"], ["10.0.0.1"]]
    assert post(f"http://rebinding.test:{port}/").status == 200
    assert receiver.got[0].headers["host"] == f"rebinding.test:{port}"
    names["inside.test"] = [["10.0.0.1", "192.168.0.1"]]
    assert refused(f"http://inside.test:{port}/").permanent is True


def test_of_several_addresses_only_those_outside_count(receiver, names):
    names["mixed.test"] = [["10.0.0.1", "127.0.0.1"]]
    assert post(f"http://mixed.test:{receiver.url.rsplit(':', 1)[1]}/").status == 200


def test_a_redirect_is_an_answer_and_is_not_followed(receiver):
    receiver.status, receiver.headers = 302, {"Location": f"{receiver.url}/inside"}
    assert post(f"{receiver.url}/a").status == 302
    assert [got.path for got in receiver.got] == ["/a"]


def test_proxies_of_the_environment_are_not_asked(receiver, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert post(receiver.url).status == 200


def test_a_long_answer_is_cut(receiver):
    receiver.body = b"x" * (outbound.MAX_BODY + 10)
    assert len(post(receiver.url).body) == outbound.MAX_BODY


@pytest.mark.parametrize(
    "url",
    ["ftp://example.com/", "file:///etc/passwd", "http://", "https:///path", "http://user:secret@example.com/", "x",
     "http://example.com:99999/", "http://exa mple.com/", "gopher://example.com", "http://\x00/"],
)  # fmt: skip
def test_what_is_no_plain_url_is_refused_without_repeating_it(url):
    error = refused(url)
    assert error.permanent is True
    assert "secret" not in error.message


def test_nobody_listening_is_temporary_and_names_the_host_only(settings):
    settings.MAINSTAY_OUTBOUND_ALLOW = LOOPBACK
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = refused(f"http://127.0.0.1:{port}/secret-path")
    assert error.permanent is False
    assert error.message.startswith("No connection to 127.0.0.1")
    assert "secret" not in error.message


def test_silence_ends_by_the_total_deadline(receiver):
    receiver.gate = threading.Event()
    error = refused(receiver.url, seconds=0.3)
    assert (error.permanent, error.message) == (False, "127.0.0.1 did not answer in time.")


def test_a_byte_now_and_then_does_not_keep_it_open(settings):
    """Each byte comes within the read time-out; the whole must still end."""
    settings.MAINSTAY_OUTBOUND_ALLOW = LOOPBACK
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip():
            caller, _ = server.accept()
            with caller:
                caller.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
                while not done.wait(0.02):
                    try:
                        caller.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        began = time.monotonic()
        error = refused(f"http://127.0.0.1:{server.getsockname()[1]}/", seconds=0.4)
        took = time.monotonic() - began
        done.set()
        thread.join()
    assert error.permanent is False
    assert took < 15  # the whole answer would take 20


def test_a_header_can_not_start_another_one(receiver):
    assert refused(receiver.url, headers={"x": "a\r\nevil: 1"}).permanent is True
    assert receiver.got == []


def test_an_answer_says_whether_it_was_cut_and_a_caller_may_take_more(receiver):
    receiver.body = b"x" * (outbound.MAX_BODY + 10)
    assert get(receiver.url).was_cut is True
    whole = get(receiver.url, most=outbound.MAX_BODY + 10)
    assert (len(whole.body), whole.was_cut) == (outbound.MAX_BODY + 10, False)
    short = get(receiver.url, most=10)
    assert (short.body, short.was_cut) == (b"x" * 10, True)
