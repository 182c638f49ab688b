"""Connections of libraries that bring their own HTTP: looked at where they are made.

Python tells of every `socket.connect` before it happens, whatever library asks for it; while a thread is guarded,
one to an address that `may_connect` refuses is not made. The address is the one connected to, so neither a name
that changes its mind (DNS rebinding) nor a redirect gets past.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from core.http.addresses import may_connect

_EVENTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_here = threading.local()


class RefusedAddressError(OSError):
    """A connection to an address inside, reserved or unnamed was not made."""


@dataclass(slots=True)
class Watch:
    """What was refused within the block."""

    refused: list[str] = field(default_factory=list)


@contextmanager
def guarded() -> Iterator[Watch]:
    """Let this thread connect to public addresses only, and to those of `MAINSTAY_OUTBOUND_ALLOW`.

    A refused connection raises RefusedAddressError (an OSError, so libraries take it for a failed one). Threads
    that the block starts are not guarded: use it around libraries that work in the calling thread.
    """
    _listen()
    watch = Watch()
    before = getattr(_here, "watch", None)
    _here.watch = watch
    try:
        yield watch
    finally:
        _here.watch = before


@lru_cache(maxsize=1)
def _listen() -> None:
    """Once a process, on first use: a hook can't be taken back."""
    sys.addaudithook(_hear)


def _hear(event: str, args: tuple[Any, ...]) -> None:
    if event not in _EVENTS:
        return
    watch = getattr(_here, "watch", None)
    if watch is None:
        return
    address = args[1]
    host = address[0] if isinstance(address, tuple) and address else ""
    # a path (a local socket), a name that is not resolved yet, nothing at all: refused like the rest
    if not isinstance(host, str) or not may_connect(host):
        watch.refused.append(str(host))
        raise RefusedAddressError("not a public address")
