"""Taking a post from the wire: bounded in size and time, unpacked, its headers fit to be stored."""

import hashlib
import zlib
from collections.abc import Mapping
from time import monotonic
from typing import Any

from django.http import UnreadablePostError

from monitoring.sources.base import clean

# What is worth keeping of a post's headers; never credentials.
_KEPT = (
    *("content-type", "user-agent", "content-encoding"),
    *("ce-specversion", "ce-id", "ce-source", "ce-type", "ce-subject", "ce-time"),
)
_MAX_HEADER = 300
_MAX_ID = 200
_PLAIN = {"", "identity"}
# A gzip stream may be several in a row; thousands of tiny ones are an attack on our time.
_MAX_MEMBERS = 20
_GZIP = {"gzip", "x-gzip"}
# Small reads at first, so that a body that trickles in is noticed; then larger ones.
_FIRST_READ, _MAX_READ = 64, 65_536
PATIENCE = 30.0


class TooLargeError(Exception):
    """The post is larger than we take, as it came or unpacked."""


class TooSlowError(Exception):
    """The body did not arrive within PATIENCE seconds."""


class BrokenOffError(Exception):
    """The sender went away in the middle of its body."""


class EncodingError(Exception):
    """A Content-Encoding that we don't unpack."""


def read_limited(request: Any, limit: int) -> bytes:
    """The body, never reading more than `limit` bytes and one.

    Raises TooLargeError, TooSlowError, BrokenOffError.
    """
    announced = request.META.get("CONTENT_LENGTH") or ""
    if announced.isascii() and announced.isdigit() and (len(announced) > 18 or int(announced) > limit):
        raise TooLargeError
    stream = request
    if not announced and request.META.get("wsgi.input_terminated"):
        # Sent in chunks, without a length: Django would take it for empty.
        stream = request.META["wsgi.input"]
    try:
        return _read(stream, limit)
    except (UnreadablePostError, OSError) as error:
        raise BrokenOffError from error


def _read(stream: Any, limit: int) -> bytes:
    began, size = monotonic(), _FIRST_READ
    parts: list[bytes] = []
    left = limit + 1
    while left > 0:
        part = stream.read(min(size, left))
        if not part:
            return b"".join(parts)
        parts.append(part)
        left -= len(part)
        size = min(size * 2, _MAX_READ)
        if monotonic() - began > PATIENCE:
            raise TooSlowError
    raise TooLargeError


def unpack(body: bytes, encoding: str, limit: int) -> tuple[bytes, bool]:
    """The body without its Content-Encoding, and whether that was taken off. Never more than `limit` bytes.

    What says gzip and isn't, or is torn, comes back as it is: it is kept, and parked when it is read.
    Raises TooLargeError, and EncodingError for other encodings than gzip.
    """
    word = encoding.strip().lower()
    if word in _PLAIN:
        return body, True
    if word not in _GZIP:
        raise EncodingError
    plain, rest, members = b"", body, 0
    try:
        while rest and (members := members + 1) <= _MAX_MEMBERS:
            member = zlib.decompressobj(wbits=31)
            plain += member.decompress(rest, limit + 1 - len(plain))
            if len(plain) > limit:
                raise TooLargeError
            if not member.eof:
                return body, False
            rest = member.unused_data
    except zlib.error:
        return body, False
    return (body, False) if rest else (plain, True)


def kept_headers(headers: Mapping[str, str], *, unpacked: bool) -> dict[str, str]:
    """The headers that are stored with a post, cleaned and cut. An encoding that was taken off is not among them."""
    found = {name: clean(headers[name], _MAX_HEADER, one_line=True) for name in _KEPT if name in headers}
    if unpacked:
        found.pop("content-encoding", None)
    return found


def delivery_id(headers: Mapping[str, str]) -> str:
    """The sender's own id of this post, so that sending it twice counts once; empty where it gives none.

    `Idempotency-Key`, else `webhook-id` (Standard Webhooks), else `ce-source` with `ce-id` (CloudEvents).
    """
    given = headers.get("Idempotency-Key") or headers.get("webhook-id") or ""
    if not given and headers.get("ce-id") and headers.get("ce-source"):
        given = f"{headers['ce-source']} {headers['ce-id']}"
        return "ce:" + hashlib.sha256(given.encode(errors="surrogatepass")).hexdigest()
    if given.isprintable() and len(given) <= _MAX_ID:
        return given
    # Too long to be stored, or not text: its hash tells it from others as well.
    return "sha256:" + hashlib.sha256(given.encode(errors="surrogatepass")).hexdigest()
