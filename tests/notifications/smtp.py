"""A mail server on loopback that does as it is told: accepts, refuses, says nothing."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest


@dataclass
class Sink:
    """What to answer, and what was received. `replies` maps a recipient's address to a refusal of RCPT."""

    port: int = 0
    replies: dict[str, str] = field(default_factory=dict)
    data_reply: str = "250 kept"
    silent: bool = False
    cut_farewell: bool = False
    received: list[EmailMessage] = field(default_factory=list)
    connections: int = 0
    release: threading.Event = field(default_factory=threading.Event)


class _Handler(socketserver.StreamRequestHandler):
    sink: Sink

    def handle(self) -> None:
        self.sink.connections += 1
        if self.sink.silent:
            self.sink.release.wait(20)
            return
        self._say("220 sink")
        for raw in self.rfile:
            verb = raw.decode().strip()
            word = verb.split(":")[0].split(" ")[0].upper()
            if word == "RCPT":
                address = verb.partition("<")[2].partition(">")[0]
                self._say(self.sink.replies.get(address, "250 ok"))
            elif word == "DATA":
                self._say("354 go on")
                self._read()
            elif word == "QUIT":
                if not self.sink.cut_farewell:
                    self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _read(self) -> None:
        lines = []
        for raw in self.rfile:
            if raw == b".\r\n":
                break
            lines.append(raw.removeprefix(b".") if raw.startswith(b"..") else raw)
        if self.sink.data_reply.startswith("250"):
            self.sink.received.append(message_from_bytes(b"".join(lines), policy=policy.default))
        self._say(self.sink.data_reply)

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


@contextmanager
def running() -> Iterator[Sink]:
    """A server on a free port, ended with the block."""
    sink = Sink()
    handler = type("Handler", (_Handler,), {"sink": sink})
    with _Server(("127.0.0.1", 0), handler) as server:
        sink.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield sink
        finally:
            sink.release.set()
            server.shutdown()
            thread.join()


@pytest.fixture
def smtp(settings) -> Iterator[Sink]:
    """A running sink, and settings that lead to it."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with running() as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", sink.port, 5
        yield sink
