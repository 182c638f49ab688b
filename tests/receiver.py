"""A web server on loopback that keeps what it got and answers as it is told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOOPBACK = ["127.0.0.0/8"]


@dataclass(frozen=True)
class Request:
    """One request as it came; names in `headers` are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`status`, `headers` and `body` are the answer; `by_path` gives some paths another status.

    While `gate` is set to an event, answers wait for it.
    """

    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    by_path: dict[str, int] = field(default_factory=dict)
    gate: threading.Event | None = None
    got: list[Request] = field(default_factory=list)
    entered: threading.Event = field(default_factory=threading.Event)


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): text for name, text in self.headers.items()}
        self.receiver.got.append(Request(self.command, self.path, headers, body))
        self.receiver.entered.set()
        if self.receiver.gate is not None:
            self.receiver.gate.wait(20)
        self.send_response(self.receiver.by_path.get(self.path, self.receiver.status))
        for name, text in self.receiver.headers.items():
            self.send_header(name, text)
        self.send_header("content-length", str(len(self.receiver.body)))
        self.end_headers()
        self.wfile.write(self.receiver.body)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *words: object) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *words: object) -> None:
        """A caller that hangs up is no news."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port, ended with the block."""
    receiver = Receiver()
    with _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"receiver": receiver})) as server:
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield receiver
        finally:
            if receiver.gate is not None:
                receiver.gate.set()
            server.shutdown()
            thread.join()
