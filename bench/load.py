"""A sender of alerts that takes little of the machine: one process, raw sockets, keep-alive.

`python -m bench.load PORT SECONDS PATH…` posts as fast as it is answered (or `--rate` a second), and prints
what came back as JSON. Every second post repeats what was new some posts before, so half of all alerts are new.
"""

import argparse
import json
import re
import select
import socket
import time
from dataclasses import dataclass, field

# A repeat tells what was new so many posts before.
LAG = 500
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_ALERT = (
    '{"id":"%s-%d-%d","title":"Feature freshness below target on shard %d","description":"The oldest feature of '
    'this shard is %d minutes old; scores are computed from stale values.","severity":"warning","service":"%s",'
    '"labels":{"model":"credit-risk-%d","environment":"production","region":"eu-west-1","shard":"%d"},'
    '"url":"https://monitor.example.org/d/freshness?shard=%d"}'
)


def block_of(post: int, own: int = 0) -> int:
    """Which alerts a post tells of: each even one of new ones, each odd one of some that were new before.

    With `own`, only each so-many-th post has a new one, and those between repeat it.
    """
    if own:
        return post // own
    return post // 2 if post % 2 == 0 else max(0, post // 2 - LAG // 2)


def body_of(post: int, alerts: int, prefix: str, services: int, own: int = 0) -> bytes:
    """A post of the generic format."""
    block, told = block_of(post, own), []
    for n in range(alerts):
        shard = (block * alerts + n) % 997
        service = f"bench-{(block + n) % services}"
        told.append(
            _ALERT % (prefix, block, n, shard, 30 + shard % 60, service, block % 40, shard, shard),
        )
    return (told[0] if alerts == 1 else '{"alerts":[' + ",".join(told) + "]}").encode()


@dataclass
class Load:
    """What came back: posts by status, times in seconds, how long it took."""

    sent: int = 0
    accepted: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    seconds: float = 0.0


class Line:
    """One keep-alive connection with at most one post on its way."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.since = 0.0
        self.seen = b""

    def send(self, request: bytes) -> None:
        self.since, self.seen = time.perf_counter(), b""
        self.socket.sendall(request)

    def answer(self) -> str | None:
        """The status, once all of the answer is there. Raises SystemExit where it doesn't say how long it is."""
        part = self.socket.recv(65_536)
        if not part:
            return "closed"
        self.seen += part
        head, found, body = self.seen.partition(b"\r\n\r\n")
        if not found:
            return None
        length = _LENGTH.search(head)
        if length is None:
            raise SystemExit(f"An answer without a length can't be told from the next: {head!r}")
        return head[9:12].decode() if len(body) >= int(length[1]) else None


@dataclass
class Sender:
    """Who posts what, how fast and how long: `rate` posts a second (0: as fast as answered), `posts` at most (0: any)."""

    port: int
    paths: list[str]
    seconds: float
    connections: int
    alerts: int
    services: int
    rate: float
    posts: int
    prefix: str
    own: int
    load: Load = field(default_factory=Load)

    def run(self) -> Load:
        """Post until it is over and all is answered."""
        self.heads = [
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            "User-Agent: bench\r\nContent-Length: ".encode()
            for path in self.paths
        ]
        self.poll, self.lines = select.epoll(), dict[int, Line]()
        free, busy = [self._line() for _ in range(self.connections)], 0
        self.begun = time.perf_counter()
        while busy or not self._over():
            while free and self._due():
                self._send(free.pop())
                busy += 1
            for number, _ in self.poll.poll(0.002 if self.rate else 1.0):
                line = self._hear(self.lines[number])
                if line:
                    free.append(line)
                    busy -= 1
        self.load.seconds = time.perf_counter() - self.begun
        return self.load

    def _line(self) -> Line:
        line = Line(self.port)
        self.lines[line.socket.fileno()] = line
        self.poll.register(line.socket.fileno(), select.EPOLLIN)
        return line

    def _over(self) -> bool:
        enough = self.posts and self.load.sent >= self.posts
        return bool(enough) or time.perf_counter() - self.begun >= self.seconds

    def _due(self) -> bool:
        slow = self.rate and self.load.sent >= (time.perf_counter() - self.begun) * self.rate
        return not slow and not self._over()

    def _send(self, line: Line) -> None:
        body = body_of(self.load.sent, self.alerts, self.prefix, self.services, self.own)
        head = self.heads[self.load.sent % len(self.heads)]
        self.load.sent += 1
        line.send(head + str(len(body)).encode() + b"\r\n\r\n" + body)

    def _hear(self, line: Line) -> Line | None:
        """The line, free again, once its answer is there; another one where it was closed."""
        said = line.answer()
        if said is None:
            return None
        if said == "202":
            self.load.accepted += 1
            self.load.times.append(time.perf_counter() - line.since)
            return line
        self.load.refused[said] = self.load.refused.get(said, 0) + 1
        if said != "closed":
            return line
        self.poll.unregister(line.socket.fileno())
        del self.lines[line.socket.fileno()]
        return self._line()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--alerts", type=int, default=1)
    parser.add_argument("--services", type=int, default=20)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--posts", type=int, default=0)
    parser.add_argument("--own", type=int, default=0)
    parser.add_argument("--prefix", default="load")
    load = Sender(**vars(parser.parse_args())).run()
    print(json.dumps(vars(load)))


if __name__ == "__main__":
    main()
