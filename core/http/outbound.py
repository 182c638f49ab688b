"""Requests that leave Mainstay: to public addresses only, without redirects or proxies, bounded in time and size.

The name is resolved once and the connection goes to an address that was looked at, so a name that changes its
mind in between (DNS rebinding) gets nowhere. TLS still checks the certificate for the name.
"""

import re
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from queue import Empty, SimpleQueue
from typing import Any

import certifi
import httpcore
import httpx

from core.http.addresses import may_connect

CONNECT_SECONDS = 5.0
READ_SECONDS = 8.0
TOTAL_SECONDS = 10.0
MAX_BODY = 64 * 1024
USER_AGENT = "Mainstay"
_HOST = re.compile(rb"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")


class OutboundError(Exception):
    """No answer was had. `message` names the host at most: a path may be a secret.

    `permanent` means that trying again is in vain: the URL can't be used, or leads to an address inside.
    """

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Response:
    """What came back, whatever the status; a redirect is an answer like any other.

    Names in `headers` are lower case. `body` holds at most as much as was asked for; `was_cut` says that there was more.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    was_cut: bool = False


def post(
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    trusted: bool = False,
    seconds: float = TOTAL_SECONDS,
) -> Response:
    """POST `body` and return the answer. See `request`."""
    return request("POST", url, body=body, headers=headers, trusted=trusted, seconds=seconds)


def get(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    trusted: bool = False,
    seconds: float = TOTAL_SECONDS,
    most: int = MAX_BODY,
) -> Response:
    """GET `url` and return the answer. See `request`."""
    return request("GET", url, headers=headers, trusted=trusted, seconds=seconds, most=most)


def request(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    trusted: bool = False,
    seconds: float = TOTAL_SECONDS,
    most: int = MAX_BODY,
) -> Response:
    """One request over one connection of its own, ended after `seconds` in all, and after `most` bytes of the answer.

    `trusted` is for URLs that the operator has set: those may lead inside. Raises OutboundError.
    """
    target = parse(url)
    host = target.host.decode()
    deadline = time.monotonic() + seconds
    sent = {"user-agent": USER_AGENT, "accept-encoding": "identity", **(headers or {})}
    limits = {"connect": CONNECT_SECONDS, "read": READ_SECONDS, "write": READ_SECONDS, "pool": seconds}
    try:
        with (
            httpcore.ConnectionPool(
                ssl_context=_tls(), network_backend=_Backend(deadline, trusted), retries=0
            ) as pool,
            pool.stream(
                method,
                target,
                headers=[(name.lower().encode(), text.encode()) for name, text in sent.items()],
                content=body,
                extensions={"timeout": limits},
            ) as answer,
        ):
            read, was_cut = _read(answer.iter_stream(), most)
            return Response(answer.status, _texts(answer.headers), read, was_cut)
    except httpcore.TimeoutException as error:
        raise OutboundError(f"{host} did not answer in time.") from error
    except httpcore.ConnectError as error:
        raise OutboundError(f"No connection to {host}: {error}") from error
    except (httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
        raise OutboundError(f"{host} broke off: {type(error).__name__}.") from error
    except (httpcore.LocalProtocolError, httpcore.UnsupportedProtocol, UnicodeEncodeError) as error:
        raise OutboundError(f"The request to {host} can't be sent.", permanent=True) from error


def parse(url: str) -> httpcore.URL:
    """The URL in its parts. Raises OutboundError for what is no plain http or https URL."""
    try:
        found = httpx.URL(url)
        port = found.port
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise OutboundError("That is no URL.", permanent=True) from error
    if found.scheme not in {"http", "https"}:
        raise OutboundError("Only http and https URLs can be called.", permanent=True)
    if not _HOST.fullmatch(found.raw_host) or not 1 <= (port or 80) <= 65535:
        raise OutboundError("The URL names no host that could be called.", permanent=True)
    if found.userinfo:
        raise OutboundError("A URL with a user name in it can't be called.", permanent=True)
    return httpcore.URL(scheme=found.raw_scheme, host=found.raw_host, port=port, target=found.raw_path)


class _Backend(httpcore.SyncBackend):
    """Connects to addresses that were looked at, until the deadline."""

    def __init__(self, deadline: float, trusted: bool) -> None:
        self._deadline = deadline
        self._trusted = trusted

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        found = [each for each in resolve(host, port, _left(self._deadline))]
        addresses = [each for each in found if may_connect(each, trusted=self._trusted)]
        if not addresses:
            raise OutboundError(
                f"{host} leads to an address inside or reserved; it is not called.", permanent=True
            )
        last: Exception | None = None
        for address in addresses:
            try:
                stream = super().connect_tcp(
                    address,
                    port,
                    min(timeout or CONNECT_SECONDS, _left(self._deadline)),
                    local_address,
                    socket_options,
                )
                return _Stream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last or httpcore.ConnectError("no address")

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        raise OutboundError("Only hosts can be called.", permanent=True)


class _Stream(httpcore.NetworkStream):
    """A stream that knows when it is enough: one byte a second doesn't keep it open."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, min(timeout or READ_SECONDS, _left(self._deadline)))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, min(timeout or READ_SECONDS, _left(self._deadline)))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = min(timeout or CONNECT_SECONDS, _left(self._deadline))
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, seconds), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def resolve(host: str, port: int, seconds: float) -> list[str]:
    """The host's IP addresses, best first. Raises httpcore.ConnectError or ConnectTimeout.

    The system's resolver can't be told to hurry; it works in a thread that may be left behind.
    """
    answers: SimpleQueue[list[str] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(each[4][0]) for each in found)))
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError("no host name"))

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=min(seconds, CONNECT_SECONDS))
    except Empty:
        raise httpcore.ConnectTimeout("the name could not be resolved in time") from None
    if isinstance(answer, OSError):
        raise httpcore.ConnectError(answer.strerror or "the name can't be resolved") from answer
    return answer


def _left(deadline: float) -> float:
    """Seconds until the deadline. Raises httpcore.ReadTimeout past it."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("time is up")
    return left


def _read(chunks: Iterable[bytes], most: int) -> tuple[bytes, bool]:
    """The first `most` bytes, and whether there were more; what comes after is not waited for."""
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > most:
            break
    return bytes(body[:most]), len(body) > most


def _texts(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): text.decode("latin-1") for name, text in headers}


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """The system's authorities (an organisation may have its own) and the public ones."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
